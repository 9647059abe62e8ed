import type { StoreCall, WriteResult } from '@perf/cache-core';
import type { Access } from '../session/access.ts';
import { failureOf } from '../database/failure.ts';
import type { Eviction, Session } from '../session/session.ts';

/** The share of all entries that is evicted to make room on a full disk, at each attempt. */
const SHARES: readonly number[] = [1 / 64, 1 / 16, 1 / 4];

/**
 * Runs a step that stores entries, in a transaction. When the disk is full, entries used least
 * recently make room and the step runs again; when that does not help, it runs once more without
 * storing, so that no older value stays, and reports `refused`.
 * @param bytes how many the step stores
 */
export function storing(
  access: Access,
  operation: string,
  call: StoreCall,
  bytes: number,
  step: (session: Session, hasRoom: boolean) => readonly WriteResult[],
): Promise<readonly WriteResult[]> {
  return access.run(operation, call, (session) => {
    try {
      return session.write(() => step(session, true));
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'full') return storeWhenFull(access, session, bytes, step);
      if (failure === 'too-big') return session.write(() => step(session, false));
      throw error;
    }
  });
}

function storeWhenFull(
  access: Access,
  session: Session,
  bytes: number,
  step: (session: Session, hasRoom: boolean) => readonly WriteResult[],
): readonly WriteResult[] {
  // The log's space can be used again once it is in the file.
  session.db.pragma('wal_checkpoint(PASSIVE)');
  // What cannot be there together is not worth emptying the file for.
  const shares = bytes <= session.settings.room ? SHARES : [];
  for (const share of shares) {
    let evicted: Eviction | undefined;
    try {
      evicted = session.write(() => session.entries.makeRoom(share, bytes));
      if (evicted.entries > 0) access.events.emit('evict', { ...evicted, reason: 'full' });
      return session.write(() => step(session, true));
    } catch (error) {
      if (failureOf(error) !== 'full') throw error;
      if (evicted?.entries === 0) break;
    }
  }
  return session.write(() => step(session, false));
}
