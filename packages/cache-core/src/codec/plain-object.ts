/**
 * Whether an object is made of own properties alone: a literal, the result of `JSON.parse`, or
 * without prototype. Literals of another realm (`node:vm`, test runners) count too.
 */
export function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return (
    prototype === Object.prototype ||
    prototype === null ||
    (typeof prototype === 'object' &&
      Object.getPrototypeOf(prototype) === null &&
      Object.hasOwn(prototype, 'isPrototypeOf'))
  );
}

/** How a value is called in a message: "a Date", "a function", "an instance of User". */
export function describeValue(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    if (isPlainObject(value)) return 'an object';
    const name = nameOfClass(value);
    return name === undefined ? 'an instance of a class' : `an instance of ${name}`;
  }
  switch (typeof value) {
    case 'bigint':
      return 'a BigInt';
    case 'number':
      return String(value);
    case 'undefined':
      return 'undefined';
    default:
      return `a ${typeof value}`;
  }
}

/** Appends a property or an index to the path of a value, for a message; long names are cut. */
export function joinPath(step: string | number, rest: string): string {
  if (typeof step === 'number') return `[${step}]${rest}`;
  const name = step.length > 50 ? `${step.slice(0, 50)}…` : step;
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
    ? `.${name}${rest}`
    : `[${JSON.stringify(name)}]${rest}`;
}

function nameOfClass(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value) as { constructor?: { name?: unknown } };
  const name = prototype.constructor?.name;
  return typeof name === 'string' && name !== '' ? name : undefined;
}
