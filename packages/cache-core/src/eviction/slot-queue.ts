/**
 * Doubly linked queues over the links of an entry table. A queue is a ring through a reserved slot,
 * its sentinel: `sentinel.next` is the oldest entry, `sentinel.prev` the newest, so that linking
 * needs no branches.
 */

/** Makes the queue of the sentinel empty. */
export function resetQueue(links: Int32Array, sentinel: number): void {
  links[sentinel << 1] = sentinel;
  links[(sentinel << 1) + 1] = sentinel;
}

/** The oldest entry of the queue, or the sentinel itself when it is empty. */
export function oldestOf(links: Int32Array, sentinel: number): number {
  return links[sentinel << 1] as number;
}

/** The entry behind the slot, one newer, or the sentinel. */
export function newerThan(links: Int32Array, slot: number): number {
  return links[slot << 1] as number;
}

/** Makes the slot, which is in no queue, the newest of the sentinel's queue. */
export function appendTo(links: Int32Array, sentinel: number, slot: number): void {
  const newest = links[(sentinel << 1) + 1] as number;
  links[newest << 1] = slot;
  links[slot << 1] = sentinel;
  links[(slot << 1) + 1] = newest;
  links[(sentinel << 1) + 1] = slot;
}

/** Takes the slot out of the queue it is in. Its own links stay as they were. */
export function unlink(links: Int32Array, slot: number): void {
  const next = links[slot << 1] as number;
  const prev = links[(slot << 1) + 1] as number;
  links[prev << 1] = next;
  links[(next << 1) + 1] = prev;
}

/** As {@link unlink} for the oldest of the sentinel's queue. */
export function unlinkOldest(links: Int32Array, sentinel: number): void {
  const oldest = links[sentinel << 1] as number;
  const next = links[oldest << 1] as number;
  links[sentinel << 1] = next;
  links[(next << 1) + 1] = sentinel;
}

/** Makes the slot, which is in the sentinel's queue, the newest. In one piece: hits and evictions do it. */
export function toEnd(links: Int32Array, sentinel: number, slot: number): void {
  const next = links[slot << 1] as number;
  if (next === sentinel) return;
  const prev = links[(slot << 1) + 1] as number;
  links[prev << 1] = next;
  links[(next << 1) + 1] = prev;
  const newest = links[(sentinel << 1) + 1] as number;
  links[newest << 1] = slot;
  links[slot << 1] = sentinel;
  links[(slot << 1) + 1] = newest;
  links[(sentinel << 1) + 1] = slot;
}
