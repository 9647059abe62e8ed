/** The keys of a fleet's workload, by their numbers. */

/** How many tags share the keys; each is also the literal beginning of a pattern. */
const TAGS = 40;
/** Every so many keys there is one that is set, always by the same process. */
const SET_EVERY = 16;
/** How many processes set keys; these are not killed. */
export const SETTERS = 2;
/** How many groups {@link groupOf} tells apart. */
export const GROUPS = 97;

export interface KeyNames {
  readonly count: number;
  nameOf(key: number): string;
  tagOf(key: number): string;
  /** Which process alone writes the key; `undefined` for those that everybody writes, but nobody sets. */
  setterOf(key: number): number | undefined;
  /** The keys that everybody writes and that `select` chooses. */
  sharedWhere(select: (key: number) => boolean): readonly number[];
}

export function keyNames(count: number): KeyNames {
  const setterOf = (key: number): number | undefined =>
    key % SET_EVERY === SET_EVERY - 1 ? Math.floor(key / SET_EVERY) % SETTERS : undefined;
  const tagOf = (key: number): string => {
    const setter = setterOf(key);
    return setter === undefined ? `t${key % TAGS}` : `own${setter}`;
  };
  const shared = Array.from({ length: count }, (_, key) => key).filter(
    (key) => setterOf(key) === undefined,
  );
  return {
    count,
    nameOf: (key) => `${tagOf(key)}:${key}`,
    tagOf,
    setterOf,
    sharedWhere: (select) => shared.filter((key) => select(key)),
  };
}

/** What `invalidateWhere` goes by. */
export function groupOf(name: string): number {
  return Number(name.slice(name.indexOf(':') + 1)) % GROUPS;
}
