/**
 * Doubly linked queues over the records of an entry table. A queue is a ring through a reserved slot,
 * its sentinel: `sentinel.next` is the oldest entry, `sentinel.prev` the newest, so that linking
 * needs no branches. A record is four words: next, prev, note, expiry.
 */

/** Makes the queue of the sentinel empty. */
export function resetQueue(records: Int32Array, sentinel: number): void {
  records[sentinel << 2] = sentinel;
  records[(sentinel << 2) + 1] = sentinel;
}

/** The oldest entry of the queue, or the sentinel itself when it is empty. */
export function oldestOf(records: Int32Array, sentinel: number): number {
  return records[sentinel << 2] as number;
}

/** Makes the slot, which is in no queue, the newest of the sentinel's queue. */
export function appendTo(records: Int32Array, sentinel: number, slot: number): void {
  const newest = records[(sentinel << 2) + 1] as number;
  records[newest << 2] = slot;
  records[slot << 2] = sentinel;
  records[(slot << 2) + 1] = newest;
  records[(sentinel << 2) + 1] = slot;
}

/** Takes the slot out of the queue it is in. Its own links stay as they were. */
export function unlink(records: Int32Array, slot: number): void {
  const next = records[slot << 2] as number;
  const prev = records[(slot << 2) + 1] as number;
  records[prev << 2] = next;
  records[(next << 2) + 1] = prev;
}
