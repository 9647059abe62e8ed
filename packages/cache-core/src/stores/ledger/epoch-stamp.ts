import { randomBytes } from 'node:crypto';

const INSTANCE_BYTES = 12;
const STAMP_BYTES = INSTANCE_BYTES + 4;

/**
 * Marks what this instance stores in a tier that does not hear of changes by itself, so that an entry
 * written before something may have been missed, or by another process, is not taken for current.
 */
export class EpochStamp {
  readonly #instance = randomBytes(INSTANCE_BYTES);

  /** The bytes with a mark behind them. */
  seal(bytes: Uint8Array, epoch: number): Uint8Array {
    const sealed = Buffer.allocUnsafe(bytes.length + STAMP_BYTES);
    sealed.set(bytes);
    sealed.set(this.#instance, bytes.length);
    sealed.writeUInt32LE(epoch >>> 0, bytes.length + INSTANCE_BYTES);
    return sealed;
  }

  /** The bytes without their mark, and the epoch it names; −1 for one that this instance did not make. */
  open(sealed: Uint8Array): { readonly bytes: Uint8Array; readonly epoch: number } {
    const length = Math.max(0, sealed.length - STAMP_BYTES);
    const bytes = sealed.subarray(0, length);
    const stamp = Buffer.from(sealed.buffer, sealed.byteOffset + length, sealed.length - length);
    const isOurs =
      stamp.length === STAMP_BYTES && this.#instance.equals(stamp.subarray(0, INSTANCE_BYTES));
    return { bytes, epoch: isOurs ? stamp.readUInt32LE(INSTANCE_BYTES) : -1 };
  }
}
