/** Strings up to this length are hashed whole. */
const WHOLE = 512;
/** Of longer ones: so many units at either end, and so many spread over the rest. */
const AT_END = 128;
const BETWEEN = 256;

const LANE_A = 0x9e3779b1;
const LANE_B = 0x85ebca77;

const double = new Float64Array(1);
const doubleWords = new Int32Array(double.buffer);

/** Spreads 32 bits over 32 bits, one to one (Wellons, "Prospecting for Hash Functions", lowbias32). */
export function mix(bits: number): number {
  let x = bits;
  x ^= x >>> 16;
  x = Math.imul(x, 0x7feb352d);
  x ^= x >>> 15;
  x = Math.imul(x, 0x846ca68b);
  return x ^ (x >>> 16);
}

/**
 * A 32-bit hash of a string, number, bigint, symbol, boolean, `null` or `undefined`. Of a symbol its
 * description counts. Undefined for objects and functions, which have nothing that could be hashed.
 */
export function hashKey(key: unknown, seed: number): number | undefined {
  return typeof key === 'string' ? hashString(key, seed) : hashOther(key, seed);
}

function hashOther(key: unknown, seed: number): number | undefined {
  switch (typeof key) {
    case 'number':
      return hashNumber(key, seed);
    case 'bigint':
      return BigInt.asIntN(64, key) === key
        ? hashNumber(
            Number(BigInt.asIntN(32, key >> 32n)),
            hashNumber(Number(BigInt.asIntN(32, key)), seed),
          )
        : hashString(key.toString(16), seed);
    case 'symbol':
      return hashString(key.description ?? '', ~seed);
    case 'object':
    case 'function':
      return key === null ? mix(seed ^ LANE_B) : undefined;
    default:
      return mix(seed ^ LANE_B ^ (key === undefined ? 3 : 1 + Number(key)));
  }
}

function hashNumber(key: number, seed: number): number {
  const whole = key | 0;
  if (whole === key) return mix(whole ^ seed);
  // There are many NaNs, which are one key.
  if (Number.isNaN(key)) return mix(seed ^ LANE_A);
  double[0] = key;
  return mix((doubleWords[0] as number) ^ mix((doubleWords[1] as number) ^ seed));
}

/**
 * Two lanes of a UTF-16 unit a step: latency is what it costs, and that of reading the unit. The factors
 * come from the seed and a unit fills the lower half of its lane only, so that a difference in it spreads
 * in a way that cannot be foreseen without the seed.
 */
function hashString(text: string, seed: number): number {
  const { length } = text;
  if (length > WHOLE) return hashLong(text, seed);
  const factorA = mix(seed ^ LANE_A) | 1;
  const factorB = mix(seed ^ LANE_B) | 1;
  let a = seed ^ length;
  let b = seed ^ LANE_A;
  let at = 0;
  for (; at + 1 < length; at += 2) {
    a = step(a, text.charCodeAt(at), factorA);
    b = step(b, text.charCodeAt(at + 1), factorB);
  }
  if (at < length) a = step(a, text.charCodeAt(at), factorA);
  return mix(a ^ ((b << 16) | (b >>> 16)));
}

function hashLong(text: string, seed: number): number {
  const { length } = text;
  const ends = text.slice(0, AT_END) + text.slice(length - AT_END);
  const stride = (length - 2 * AT_END) / BETWEEN;
  const factor = mix(seed ^ LANE_A) | 1;
  let lane = hashString(ends, seed ^ length);
  for (let i = 0; i < BETWEEN; i++) {
    lane = step(lane, text.charCodeAt(AT_END + Math.floor(i * stride)), factor);
  }
  return mix(lane);
}

function step(lane: number, unit: number, factor: number): number {
  const x = Math.imul(lane ^ unit, factor);
  return (x << 13) | (x >>> 19);
}
