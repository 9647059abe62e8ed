import { crc32 } from 'node:zlib';
import type { CacheStore, StoredEntry, StoreFencing } from '@perf/cache-core';

/** Where the version stands, and the nonce, in every version; and what the checksum takes. */
const VERSION_AT = 2;
const NONCE_AT = 8;
const NONCE_END = 16;
const CHECKSUM_BYTES = 4;
const PRESENT = 1;
const NEWER = PRESENT + 1;
const MASK = 0x5a;

/**
 * A store as a later release sees it, which writes a newer version of the format and reads the present one as
 * well. Only what keeps its place in every version is where it was.
 */
export function inNewerFormat(store: CacheStore): CacheStore {
  const { fencing } = store;
  return withParts(store, {
    getMany: async (keys, call) => (await store.getMany(keys, call)).map(read),
    setMany: (entries, call) => store.setMany(entries.map(written), call),
    ...(fencing !== undefined && { fencing: fencingInNewerFormat(fencing) }),
  });
}

function fencingInNewerFormat(fencing: StoreFencing): StoreFencing {
  return withParts(fencing, {
    ticketMany: async (requests, call) =>
      (await fencing.ticketMany(requests, call)).map((reply) =>
        reply.kind === 'value' ? { ...reply, entry: readEntry(reply.entry) } : reply,
      ),
    fillMany: (entries, call) => fencing.fillMany(entries.map(written), call),
    settle: (entry, call) => fencing.settle(written(entry), call),
  });
}

function written<W extends { readonly bytes: Uint8Array }>(write: W): W {
  return { ...write, bytes: converted(write.bytes, NEWER) };
}

function read(entry: StoredEntry | undefined): StoredEntry | undefined {
  return entry && readEntry(entry);
}

function readEntry(entry: StoredEntry): StoredEntry {
  return entry.bytes[VERSION_AT] === NEWER
    ? { ...entry, bytes: converted(entry.bytes, PRESENT) }
    : entry;
}

/** The other version differs in everything that it may differ in; there and back is the same. */
function converted(bytes: Uint8Array, version: number): Uint8Array {
  const result = Buffer.from(bytes);
  const end = result.length - CHECKSUM_BYTES;
  for (let at = VERSION_AT + 1; at < end; at++) {
    if (at < NONCE_AT || at >= NONCE_END) result[at] = (result[at] ?? 0) ^ MASK;
  }
  result[VERSION_AT] = version;
  result.writeUInt32LE(crc32(result.subarray(0, end)), end);
  return result;
}

/** The object with some of its parts replaced; methods go on working on the object itself. */
function withParts<T extends object>(object: T, parts: Partial<T>): T {
  return new Proxy(object, {
    get(target, name): unknown {
      if (Object.hasOwn(parts, name)) return Reflect.get(parts, name);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
}
