import { checkBoolean, checkKnown, checkOneOf, ConfigError } from '@perf/core';

/** See PostgreSQL, "Transaction Isolation"; there is nothing weaker than `read committed`. */
export type Isolation = 'read committed' | 'repeatable read' | 'serializable';

/** How a transaction begins. */
export interface BeginOptions {
  /** @default the server's, mostly `read committed` */
  readonly isolation?: Isolation | undefined;
  /** @default the server's, mostly `false` */
  readonly readOnly?: boolean | undefined;
  /** Waits until it can run without a serialization failure; for long reports that are `serializable` and `readOnly`. @default false */
  readonly deferrable?: boolean | undefined;
}

const ISOLATIONS: readonly Isolation[] = ['read committed', 'repeatable read', 'serializable'];

/** The statement that begins it. @throws {@link ConfigError} naming the option that is refused */
export function beginText({ isolation, readOnly, deferrable = false }: BeginOptions): string {
  let text = 'BEGIN';
  if (isolation !== undefined) {
    text += ` ISOLATION LEVEL ${checkOneOf('isolation', isolation, ISOLATIONS).toUpperCase()}`;
  }
  if (readOnly !== undefined) {
    text += checkBoolean('readOnly', readOnly) ? ' READ ONLY' : ' READ WRITE';
  }
  if (checkBoolean('deferrable', deferrable)) {
    if (isolation !== 'serializable' || readOnly !== true) {
      throw new ConfigError('deferrable', true, 'false unless serializable and readOnly');
    }
    text += ' DEFERRABLE';
  }
  return text;
}

/** @throws {@link ConfigError} for an option that there is not */
export function checkTransactionOptions(options: object): void {
  checkKnown('transaction', options, [
    'isolation',
    'readOnly',
    'deferrable',
    'retries',
    'signal',
    'timeout',
    'priority',
  ]);
}
