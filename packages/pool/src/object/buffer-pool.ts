import {
  checkBoolean,
  checkKnown,
  checkString,
  ConfigError,
  toBytes,
  type ByteSize,
} from '@perf/core';
import { PoolDoubleReleaseError } from '../errors.ts';

/** Options of {@link createBufferPool}. */
export interface BufferPoolOptions {
  /** For errors and statistics. @default 'bufferPool' */
  readonly name?: string | undefined;
  /** How many bytes may lie unused in all; what comes back beyond that is left to the garbage collector. @default '16mb' */
  readonly maxBytes?: ByteSize | undefined;
  /** The smallest buffer; smaller requests get one of this size. @default '1kb' */
  readonly minSize?: ByteSize | undefined;
  /** The largest buffer that is kept; larger ones are made for their request and not kept. @default '1mb' */
  readonly maxSize?: ByteSize | undefined;
  /** Whether every buffer is handed out full of zeroes, and wiped when it comes back. @default false */
  readonly zero?: boolean | undefined;
}

/** One buffer, until it is given back. */
export interface BufferLease extends Disposable {
  /** Of exactly the size that was asked for. @throws {@link PoolDoubleReleaseError} when it has been given back */
  readonly buffer: Buffer;
  /** Gives it back; it must not be touched afterwards. @throws {@link PoolDoubleReleaseError} at the second time */
  release(): void;
}

/** What {@link BufferPool.stats} returns: a plain object. */
export interface BufferPoolStats {
  readonly name: string;
  readonly maxBytes: number;
  /** Bytes that lie unused. */
  readonly idleBytes: number;
  /** Bytes that are out. */
  readonly activeBytes: number;
  readonly active: number;
  readonly idle: number;
  readonly acquired: number;
  readonly released: number;
  /** Acquires that needed a new buffer. */
  readonly created: number;
  /** Buffers that came back and were not kept. */
  readonly dropped: number;
}

/** Buffers by size, in powers of two, within a budget of bytes. Never waits: what is missing is made. */
export interface BufferPool {
  readonly name: string;
  /**
   * @param size bytes. What the buffer contains is what its last user left, unless it is zeroed
   * @param zero whether it has to be full of zeroes. @default the pool's `zero`
   * @throws {@link ConfigError} when `size` is no whole number of at least 0
   */
  acquire(size: number, zero?: boolean): BufferLease;
  stats(): BufferPoolStats;
  /** Lets go of all that lies unused. */
  clear(): void;
  /** As {@link clear}, and keeps nothing of what comes back; what is acquired then is made. Waits for nothing. Idempotent. */
  drain(): Promise<void>;
}

const KIND = 'bufferPool';

/**
 * @throws {@link ConfigError} for an option that is refused
 * @example
 * const buffers = createBufferPool({ maxBytes: '64mb' });
 * const lease = buffers.acquire(4000);
 * lease.buffer.write('hello');
 * lease.release();
 */
export function createBufferPool(options: BufferPoolOptions = {}): BufferPool {
  checkKnown(KIND, options, ['name', 'maxBytes', 'minSize', 'maxSize', 'zero']);
  const minSize = roundUp(toBytes(`${KIND}.minSize`, options.minSize ?? '1kb', { max: 2 ** 30 }));
  const maxSize = roundUp(toBytes(`${KIND}.maxSize`, options.maxSize ?? '1mb', { max: 2 ** 30 }));
  if (maxSize < minSize) {
    throw new ConfigError(`${KIND}.maxSize`, options.maxSize, 'at least minSize');
  }
  return new SizedBuffers(
    checkString(`${KIND}.name`, options.name ?? KIND),
    toBytes(`${KIND}.maxBytes`, options.maxBytes ?? '16mb', { min: 0 }),
    minSize,
    maxSize,
    checkBoolean(`${KIND}.zero`, options.zero ?? false),
  );
}

class SizedBuffers implements BufferPool {
  readonly name: string;
  #maxBytes: number;
  readonly #minSize: number;
  readonly #maxSize: number;
  readonly #zero: boolean;
  /** By the power of two. */
  readonly #idle: Buffer[][] = [];
  #idleBytes = 0;
  #activeBytes = 0;
  #acquired = 0;
  #released = 0;
  #created = 0;
  #dropped = 0;

  constructor(name: string, maxBytes: number, minSize: number, maxSize: number, zero: boolean) {
    this.name = name;
    this.#maxBytes = maxBytes;
    this.#minSize = minSize;
    this.#maxSize = maxSize;
    this.#zero = zero;
  }

  acquire(size: number, zero: boolean = this.#zero): BufferLease {
    if (!Number.isSafeInteger(size) || size < 0) {
      throw new ConfigError('size', size, 'a whole number of at least 0');
    }
    const kept = size > this.#maxSize ? undefined : this.#idle[classOf(this.#room(size))]?.pop();
    if (kept === undefined) this.#created++;
    else this.#idleBytes -= kept.length;
    // Memory of its own, never a part of Node's shared pool, which others could read.
    const whole = kept ?? Buffer.allocUnsafeSlow(this.#room(size));
    const buffer = whole.subarray(0, size);
    if (zero) buffer.fill(0);
    this.#acquired++;
    this.#activeBytes += whole.length;
    return new SizedLease(this.name, buffer, () => {
      this.#takeBack(whole, zero);
    });
  }

  stats(): BufferPoolStats {
    return {
      name: this.name,
      maxBytes: this.#maxBytes,
      idleBytes: this.#idleBytes,
      activeBytes: this.#activeBytes,
      active: this.#acquired - this.#released,
      idle: this.#idle.reduce((sum, buffers) => sum + buffers.length, 0),
      acquired: this.#acquired,
      released: this.#released,
      created: this.#created,
      dropped: this.#dropped,
    };
  }

  clear(): void {
    this.#dropped += this.stats().idle;
    this.#idle.length = 0;
    this.#idleBytes = 0;
  }

  async drain(): Promise<void> {
    this.#maxBytes = 0;
    this.clear();
  }

  /** What a buffer for so many bytes takes. */
  #room(size: number): number {
    return size > this.#maxSize ? size : Math.max(this.#minSize, roundUp(size));
  }

  #takeBack(whole: Buffer, wipe: boolean): void {
    this.#released++;
    this.#activeBytes -= whole.length;
    if (wipe) whole.fill(0);
    if (whole.length > this.#maxSize || this.#idleBytes + whole.length > this.#maxBytes) {
      this.#dropped++;
      return;
    }
    (this.#idle[classOf(whole.length)] ??= []).push(whole);
    this.#idleBytes += whole.length;
  }
}

class SizedLease implements BufferLease {
  readonly #pool: string;
  readonly #giveBack: () => void;
  #buffer: Buffer | undefined;

  constructor(pool: string, buffer: Buffer, giveBack: () => void) {
    this.#pool = pool;
    this.#buffer = buffer;
    this.#giveBack = giveBack;
  }

  get buffer(): Buffer {
    if (this.#buffer === undefined) throw new PoolDoubleReleaseError(this.#pool);
    return this.#buffer;
  }

  release(): void {
    if (this.#buffer === undefined) throw new PoolDoubleReleaseError(this.#pool);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#buffer === undefined) return;
    this.#buffer = undefined;
    this.#giveBack();
  }
}

function classOf(length: number): number {
  return 31 - Math.clz32(length);
}

function roundUp(size: number): number {
  return size <= 1 ? 1 : 2 ** (32 - Math.clz32(size - 1));
}
