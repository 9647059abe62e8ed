/** 64 bits of hash as two 32-bit lanes. */
export interface KeyHash {
  readonly low: number;
  readonly high: number;
}

/**
 * A hash of a key's UTF-16 code units, the same in every process and version. Two multiply-rotate
 * lanes, mixed at the end by the finalizer of MurmurHash3: a few milliseconds per megabyte, chance
 * collisions one in 2⁶⁴. It is not cryptographic: who chooses keys freely can make two of them
 * collide. It guards against mix-ups (a moved file, a colliding file name), not against forgery.
 */
export function hashKey(key: string): KeyHash {
  let low = 0x9e37_79b9;
  let high = 0x85eb_ca6b;
  const { length } = key;
  for (let index = 0; index < length; index++) {
    const unit = key.charCodeAt(index);
    low = Math.imul(((low << 5) | (low >>> 27)) ^ unit, 0x27d4_eb2f);
    high = Math.imul(((high << 13) | (high >>> 19)) ^ unit, 0x1656_67b1);
  }
  low = finalize(low ^ length);
  high = finalize(high ^ low);
  return { low: finalize(low ^ high), high };
}

function finalize(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
