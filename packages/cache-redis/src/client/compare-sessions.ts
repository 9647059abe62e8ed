import type { Session } from './session.ts';

/** Whether its server was a replica when it was greeted. */
export function followed({ info, asReplica }: Session): boolean {
  return asReplica || info.role === 'slave';
}

/** Whether the process of a former session is no more: another one has its address. */
export function endedBefore(now: Session, former: Session | undefined): boolean {
  const [present, past] = [now.info.runId, former?.info.runId];
  return (
    now.address === former?.address &&
    present !== undefined &&
    past !== undefined &&
    present !== past
  );
}

/** `undefined` for the same server with the same data. */
export function replacement(before: Session, now: Session): 'failover' | 'restart' | undefined {
  const { runId, replicationId } = now.info;
  if (runId === undefined || before.info.runId === undefined) return 'failover';
  if (runId !== before.info.runId) {
    return now.address === before.address ? 'restart' : 'failover';
  }
  return replicationId === before.info.replicationId ? undefined : 'failover';
}
