/** What the server says with each answer: idle, in a transaction, in one that has failed; `null` before the first. */
export type TransactionStatus = 'I' | 'T' | 'E' | null;

/** Connection exceptions; the server ends the connection, or is about to go; its idle limits. */
const ENDS = /^(08...|57P0[1-5]|25P03)$/;
/** Serialization failure, deadlock. */
const AGAIN: ReadonlySet<unknown> = new Set(['40001', '40P01']);

interface SqlError {
  readonly code?: unknown;
  readonly severity?: unknown;
  readonly routine?: unknown;
  readonly message?: unknown;
}

function fieldsOf(error: unknown): SqlError {
  return typeof error === 'object' && error !== null ? error : {};
}

/** Whether the server ends the connection by this. Any other error it bears, and so may we. */
export function endsConnection(error: unknown): boolean {
  const { code, severity } = fieldsOf(error);
  return (
    severity === 'FATAL' || severity === 'PANIC' || (typeof code === 'string' && ENDS.test(code))
  );
}

/** Whether the server only reads: after a failover the old primary is such a one. */
export function isReadOnlyServer(error: unknown): boolean {
  return fieldsOf(error).code === '25006';
}

/** Whether the transaction had no effect, and may succeed when it is run again. */
export function isSerializationFailure(error: unknown): boolean {
  return AGAIN.has(fieldsOf(error).code);
}

/** Whether a prepared statement returns other columns than when it was prepared: by the function that says so, since texts are translated. */
export function isOutdatedPlan(error: unknown): boolean {
  const { code, routine } = fieldsOf(error);
  return code === '0A000' && routine === 'RevalidateCachedQuery';
}

/** Whether the server does not know the prepared statement any more, as after `DISCARD ALL` or behind a bouncer. */
export function isMissingStatement(error: unknown, name: string): boolean {
  const { code, message } = fieldsOf(error);
  return code === '26000' && typeof message === 'string' && message.includes(name);
}

/** Whether the server says so, and not pg or the network. */
export function isFromServer(error: unknown): boolean {
  const { severity, code } = fieldsOf(error);
  return typeof severity === 'string' && typeof code === 'string';
}
