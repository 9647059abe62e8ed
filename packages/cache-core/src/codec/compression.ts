import * as zlib from 'node:zlib';
import {
  checkInteger,
  checkKnown,
  checkOneOf,
  ConfigError,
  toBytes,
  type ByteSize,
} from '@perf/core';
import { createWorkQueue } from './work-queue.ts';

/** How stored values are compressed. */
export type CompressionAlgorithm = 'gzip' | 'brotli' | 'zstd';

/** Options of compression. */
export interface CompressionOptions {
  /** `'zstd'` needs Node 22.15, or 23.8. All instances that share a store must be able to read it. */
  readonly algorithm: CompressionAlgorithm;
  /** Values that take fewer bytes once encoded are stored as they are. @default '1kb' */
  readonly threshold?: ByteSize;
  /**
   * From fast to small: gzip 1 to 9, brotli 0 to 11, zstd 1 to 22.
   * @default gzip 6, brotli 4, zstd 3
   */
  readonly level?: number;
}

/** Compresses payloads; made by {@link createCompressor}. */
export interface Compressor {
  /** Names the algorithm in the envelope. */
  readonly id: number;
  /** Bytes below which compressing is not tried. */
  readonly threshold: number;
  /** Runs in the thread pool; at most eight at a time in the process, the others wait. */
  readonly compress: (bytes: Uint8Array) => Promise<Uint8Array>;
}

/** Decompresses to exactly `length` bytes; rejects when they are more, fewer or damaged. */
export type Decompress = (bytes: Uint8Array, length: number) => Promise<Uint8Array>;

type Callback = (error: Error | null, result: Buffer) => void;
interface ZlibParams {
  readonly maxOutputLength?: number;
  readonly level?: number;
  readonly params?: Readonly<Record<number, number>>;
}
type ZlibCall = (bytes: Uint8Array, options: ZlibParams, callback: Callback) => void;

interface Algorithm {
  readonly id: number;
  readonly levels: { readonly min: number; readonly max: number; readonly usual: number };
  readonly compress: ZlibCall | undefined;
  readonly decompress: ZlibCall | undefined;
  readonly optionsOf: (level: number) => ZlibParams;
}

// Absent from Node 20, and from the types that go with it.
const optional = zlib as { readonly zstdCompress?: ZlibCall; readonly zstdDecompress?: ZlibCall };
const ZSTD_COMPRESSION_LEVEL = 100;

const ALGORITHMS: { readonly [Name in CompressionAlgorithm]: Algorithm } = {
  gzip: {
    id: 1,
    levels: { min: 1, max: 9, usual: 6 },
    compress: zlib.gzip,
    decompress: zlib.gunzip,
    optionsOf: (level) => ({ level }),
  },
  brotli: {
    id: 2,
    // Node's own default, 11, is a hundred times slower than 4 for a few per cent.
    levels: { min: 0, max: 11, usual: 4 },
    compress: zlib.brotliCompress,
    decompress: zlib.brotliDecompress,
    optionsOf: (level) => ({ params: { [zlib.constants.BROTLI_PARAM_QUALITY]: level } }),
  },
  zstd: {
    id: 3,
    levels: { min: 1, max: 22, usual: 3 },
    compress: optional.zstdCompress,
    decompress: optional.zstdDecompress,
    optionsOf: (level) => ({ params: { [ZSTD_COMPRESSION_LEVEL]: level } }),
  },
};

const DEFAULT_THRESHOLD = '1kb';
// Each call holds up to a megabyte of working memory, and the thread pool has four threads by default.
const atMost8 = createWorkQueue(8);

/**
 * Checks the options and makes a compressor of them.
 * @throws {@link ConfigError} naming the option, also when this Node lacks the algorithm
 */
export function createCompressor(options: CompressionOptions): Compressor {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigError('compression', options, "an object such as { algorithm: 'gzip' }");
  }
  checkKnown('compression', options, ['algorithm', 'threshold', 'level']);
  const name = checkOneOf('compression.algorithm', options.algorithm, ['gzip', 'brotli', 'zstd']);
  const { id, levels, compress, optionsOf } = ALGORITHMS[name];
  if (compress === undefined) {
    throw new ConfigError(
      'compression.algorithm',
      name,
      `'gzip' or 'brotli' on Node ${process.versions.node} ('zstd' needs Node 22.15, or 23.8)`,
    );
  }
  const threshold = toBytes('compression.threshold', options.threshold ?? DEFAULT_THRESHOLD, {
    min: 0,
  });
  const zlibOptions = optionsOf(
    checkInteger('compression.level', options.level ?? levels.usual, levels),
  );
  return { id, threshold, compress: (bytes) => run(compress, bytes, zlibOptions) };
}

/** The way to decompress what was stored under a {@link Compressor.id}, if this Node has one. */
export function findDecompress(id: number): Decompress | undefined {
  const algorithm = Object.values(ALGORITHMS).find((one) => one.id === id);
  const decompress = algorithm?.decompress;
  if (decompress === undefined) return undefined;
  return async (bytes, length) => {
    // zlib takes no bound of 0.
    const decoded = await run(decompress, bytes, { maxOutputLength: Math.max(length, 1) });
    if (decoded.length !== length) {
      throw new RangeError(`decompressed to ${decoded.length} bytes instead of ${length}`);
    }
    return decoded;
  };
}

function run(call: ZlibCall, bytes: Uint8Array, options: ZlibParams): Promise<Uint8Array> {
  return atMost8(
    () =>
      new Promise((resolve, reject) => {
        call(bytes, options, (error, result) => {
          if (error === null) resolve(result);
          else reject(error);
        });
      }),
  );
}
