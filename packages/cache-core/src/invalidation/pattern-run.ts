/** Matches any one character. */
export const ANY = -1;

/** The part of a pattern between two stars: code points and {@link ANY}. */
export type Run = readonly number[];

/**
 * Seeks a run within `key[from, to)`.
 * @returns where the occurrence that ends first ends, or -1
 */
export type RunFinder = (key: string, from: number, to: number) => number;

/** A function that says where the run ends when the key begins with it; -1 if it does not. */
export function endOfHead(run: Run): (key: string) => number {
  if (!run.includes(ANY)) {
    const text = toText(run);
    return (key) => (key.startsWith(text) ? text.length : -1);
  }
  return (key) => {
    let position = 0;
    for (const token of run) {
      const character = key.codePointAt(position);
      if (character === undefined || (token !== ANY && token !== character)) return -1;
      position += widthOf(character);
    }
    return position;
  };
}

/** A function that says where the run begins when the key ends with it; -1 if it does not. */
export function startOfTail(run: Run): (key: string) => number {
  if (!run.includes(ANY)) {
    const text = toText(run);
    return (key) => (key.endsWith(text) ? key.length - text.length : -1);
  }
  const backwards = run.toReversed();
  return (key) => {
    let position = key.length;
    for (const token of backwards) {
      if (position === 0) return -1;
      position -= isLowSurrogate(key.charCodeAt(position - 1)) ? 2 : 1;
      if (token !== ANY && token !== key.codePointAt(position)) return -1;
    }
    return position;
  };
}

/** A finder of the run whose time is linear in the length of the part searched. */
export function runFinder(run: Run): RunFinder {
  return run.includes(ANY) ? shiftAnd(run) : knuthMorrisPratt(toText(run));
}

/**
 * Knuth, Morris and Pratt, "Fast pattern matching in strings", SIAM J. Comput. 6/2 (1977). Runs on
 * code units: well-formed text occurs in well-formed text at whole characters only. `indexOf` is no
 * substitute: V8's search is quadratic for some texts.
 */
function knuthMorrisPratt(text: string): RunFinder {
  const { length } = text;
  const units = new Uint16Array(length);
  const borders = new Uint16Array(length);
  for (let index = 0, border = 0; index < length; index++) {
    const unit = text.charCodeAt(index);
    units[index] = unit;
    if (index === 0) continue;
    while (border > 0 && unit !== units[border]) border = borders[border - 1] ?? 0;
    if (unit === units[border]) border++;
    borders[index] = border;
  }
  return (key, from, to) => {
    let matched = 0;
    for (let position = from; position < to; position++) {
      const unit = key.charCodeAt(position);
      while (matched > 0 && unit !== units[matched]) matched = borders[matched - 1] ?? 0;
      if (unit === units[matched]) matched++;
      if (matched === length) return position + 1;
    }
    return -1;
  };
}

const WORD = 32;

/**
 * Shift-And: Baeza-Yates and Gonnet, "A new approach to text searching", CACM 35/10 (1992). Bit `i` of
 * the state says that the first `i + 1` tokens match the text that ends here; a character costs one
 * step per 32 tokens.
 */
function shiftAnd(run: Run): RunFinder {
  const words = Math.ceil(run.length / WORD);
  const others = bitsOf(run, words, ANY);
  const masks = new Map<number, Uint32Array>();
  for (const token of run) {
    if (token !== ANY && !masks.has(token)) {
      const own = bitsOf(run, words, token);
      masks.set(
        token,
        own.map((word, index) => word | (others[index] ?? 0)),
      );
    }
  }
  const last = words - 1;
  const accepting = 1 << ((run.length - 1) % WORD);

  return (key, from, to) => {
    const state = new Uint32Array(words);
    for (let position = from; position < to;) {
      const character = key.codePointAt(position) ?? ANY;
      position += widthOf(character);
      const mask = masks.get(character) ?? others;
      let carry = 1;
      for (let index = 0; index < words; index++) {
        const word = state[index] ?? 0;
        state[index] = ((word << 1) | carry) & (mask[index] ?? 0);
        carry = word >>> (WORD - 1);
      }
      if (((state[last] ?? 0) & accepting) !== 0) return position;
    }
    return -1;
  };
}

/** A set of the positions in the run that hold the token. */
function bitsOf(run: Run, words: number, token: number): Uint32Array {
  const bits = new Uint32Array(words);
  for (const [index, one] of run.entries()) {
    const word = Math.floor(index / WORD);
    if (one === token) bits[word] = (bits[word] ?? 0) | (1 << (index % WORD));
  }
  return bits;
}

function toText(run: Run): string {
  return String.fromCodePoint(...run);
}

function widthOf(character: number): number {
  return character > 0xff_ff ? 2 : 1;
}

function isLowSurrogate(unit: number): boolean {
  return (unit & 0xfc_00) === 0xdc_00;
}
