/** Why stored bytes are not a usable entry. */
export type EnvelopeFaultReason =
  /** Shorter than they say. */
  | 'truncated'
  /** Not written by this library. */
  | 'magic'
  /** Written in a newer version of the format. */
  | 'version'
  /** Fields that contradict each other or cannot be. */
  | 'malformed'
  /** Damaged: the checksum differs. */
  | 'checksum'
  /** Written for another key. */
  | 'key'
  /** Written by another codec. */
  | 'codec'
  /** Compressed by an algorithm that this version of Node does not have. */
  | 'compression'
  /** Larger, once decompressed, than is allowed. */
  | 'size';

/** What opening returns instead of an entry: a miss, to be counted under its reason. */
export interface EnvelopeFault {
  readonly fault: EnvelopeFaultReason;
}

const FAULTS: { readonly [Reason in EnvelopeFaultReason]: EnvelopeFault } = {
  truncated: Object.freeze({ fault: 'truncated' }),
  magic: Object.freeze({ fault: 'magic' }),
  version: Object.freeze({ fault: 'version' }),
  malformed: Object.freeze({ fault: 'malformed' }),
  checksum: Object.freeze({ fault: 'checksum' }),
  key: Object.freeze({ fault: 'key' }),
  codec: Object.freeze({ fault: 'codec' }),
  compression: Object.freeze({ fault: 'compression' }),
  size: Object.freeze({ fault: 'size' }),
};

/** The fault of a reason; always the same object. */
export function envelopeFault(reason: EnvelopeFaultReason): EnvelopeFault {
  return FAULTS[reason];
}
