/**
 * Where the fields of version 1 stand. Numbers are little-endian, times are epoch milliseconds
 * (`Infinity` for ever), texts are UTF-8. The magic, the version and the nonce keep their places in
 * every version, so that a store can tell entries apart without knowing the rest.
 *
 * | offset | bytes | field |
 * |---|---|---|
 * | 0 | 2 | magic: `F5 43` (no UTF-8 text begins so) |
 * | 2 | 1 | version: 1 |
 * | 3 | 1 | codec id, 1 to 255 |
 * | 4 | 1 | compression id: 0 none, 1 gzip, 2 brotli, 3 zstd |
 * | 5 | 1 | flags: 1 for a negative result; others zero |
 * | 6 | 2 | reserved, zero |
 * | 8 | 8 | nonce |
 * | 16 | 8 | hash of the key: two unsigned words |
 * | 24 | 8 | created, float |
 * | 32 | 8 | fresh until, float |
 * | 40 | 8 | stale until, float |
 * | 48 | 8 | as of, float: the ledger's sequence number known before the load |
 * | 56 | 4 | bytes of the payload once decompressed |
 * | 60 | 4 | bytes of the payload |
 * | 64 | 2 | bytes of the ledger id, 0 to 255 |
 * | 66 | 2 | number of tags, 0 to 256 |
 * | 68 | … | ledger id |
 * | … | … | per tag: its bytes (2), 1 to 1024; its text |
 * | … | … | payload |
 * | … | 4 | CRC-32 (that of gzip) of everything before |
 */
export const OFFSET = {
  magic: 0,
  version: 2,
  codec: 3,
  compression: 4,
  flags: 5,
  reserved: 6,
  nonce: 8,
  keyHash: 16,
  created: 24,
  freshUntil: 32,
  staleUntil: 40,
  asOf: 48,
  decodedLength: 56,
  payloadLength: 60,
  ledgerIdLength: 64,
  tagCount: 66,
  ledgerId: 68,
} as const;

/** The first two bytes, read big-endian. */
export const MAGIC = 0xf543;
/** The version that is written; older ones are read, newer ones are a miss. */
export const VERSION = 1;
/** The flag of a negative result. */
export const NEGATIVE = 1;
/** The most tags that an entry carries. */
export const MAX_TAGS = 256;
/** The longest tag, in bytes of UTF-8. */
export const MAX_TAG_BYTES = 1024;
/** The longest ledger id, in bytes of UTF-8. */
export const MAX_LEDGER_ID_BYTES = 255;
/** What a tag's length takes. */
export const TAG_LENGTH_BYTES = 2;
/** What the checksum takes. */
export const CHECKSUM_BYTES = 4;
/** The longest payload. */
export const MAX_PAYLOAD_BYTES = 0xffff_ffff;
