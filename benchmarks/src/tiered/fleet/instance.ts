import { withActors, type Actor } from '../../harness/actor.ts';

/** How an instance of a service is set up, in a process of its own. */
export interface InstanceInput {
  /** The addresses of Redis, by way of proxies perhaps. */
  readonly store: string;
  readonly bus: string;
  readonly prefix: string;
}

/** How an entry is invalidated. */
export interface Invalidation {
  readonly how: 'delete' | 'tag';
  readonly key: string;
}

/** Reads that count old values. */
export interface OldReads {
  readonly keys: readonly string[];
  /** In milliseconds. */
  readonly duration: number;
  /** Whether to begin only when Redis and the bus are in reach again. */
  readonly onceHealthy: boolean;
}

/** Callers that come at once to a key that is absent. */
export interface Loads {
  readonly key: string;
  readonly callers: number;
  /** When, in milliseconds of the clock that all processes of this host share. */
  readonly at: number;
  /** How long a load takes, in milliseconds. */
  readonly duration: number;
}

/** What comes of a loader that fails. */
export interface Failures {
  readonly loads: number;
  readonly rejections: number;
}

const MODULE = new URL('instance-worker.js', import.meta.url);
let fleets = 0;

/** Instances of one service, with a namespace of their own. */
export function withFleet<Result>(
  addresses: readonly Omit<InstanceInput, 'prefix'>[],
  run: (instances: readonly Actor[]) => Promise<Result>,
): Promise<Result> {
  const prefix = `fleet-${process.pid}-${fleets++}`;
  const inputs: InstanceInput[] = addresses.map((one) => ({ ...one, prefix }));
  return withActors(MODULE, inputs, run);
}
