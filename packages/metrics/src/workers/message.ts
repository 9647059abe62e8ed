import { deserialize, serialize } from 'node:v8';
import type { RegistrySnapshot } from '../snapshot/snapshot.ts';

/** The name of the `BroadcastChannel` between threads, and what marks our messages between processes. */
export const CHANNEL = 'perf:metrics';

/** What a thread or process tells of its metrics. */
export interface MemberMessage {
  readonly channel: typeof CHANNEL;
  /** Who tells: another one after each start. */
  readonly member: string;
  /** Whether it ends now. */
  readonly isLast: boolean;
  /** A {@link RegistrySnapshot}: processes may speak JSON, which has no typed arrays. */
  readonly snapshot: string;
}

export function encodeMessage(
  member: string,
  snapshot: RegistrySnapshot,
  isLast: boolean,
): MemberMessage {
  const text = serialize(snapshot).toString('base64');
  return { channel: CHANNEL, member, isLast, snapshot: text };
}

/** @returns `undefined` when it is no message of ours, or cannot be read */
export function decodeMessage(
  message: unknown,
):
  | { readonly member: string; readonly isLast: boolean; readonly snapshot: RegistrySnapshot }
  | undefined {
  if (!isOurs(message)) return undefined;
  const { member, isLast, snapshot } = message;
  try {
    const decoded = deserialize(Buffer.from(snapshot, 'base64')) as RegistrySnapshot;
    // Another version of this package may run there.
    return decoded.version === 1 ? { member, isLast, snapshot: decoded } : undefined;
  } catch {
    return undefined;
  }
}

function isOurs(message: unknown): message is MemberMessage {
  if (typeof message !== 'object' || message === null) return false;
  const { channel, member, snapshot } = message as Partial<MemberMessage>;
  return channel === CHANNEL && typeof member === 'string' && typeof snapshot === 'string';
}
