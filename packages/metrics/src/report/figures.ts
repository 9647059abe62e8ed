const MB = 1024 * 1024;

/** A number for people: three digits, `?` where it is not known, `never` for `Infinity`. */
export function figure(value: number, unit = ''): string {
  if (Number.isNaN(value)) return '?';
  if (!Number.isFinite(value)) return 'never';
  const text = Math.abs(value) >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
  return unit === '' ? text : `${text} ${unit}`;
}

/** Bytes. */
export function megabytes(value: number): string {
  return figure(value / MB, 'MB');
}

/** Milliseconds. */
export function span(value: number): string {
  if (!Number.isFinite(value)) return figure(value);
  const seconds = value / 1000;
  if (seconds < 120) return figure(seconds, 's');
  if (seconds < 7200) return figure(seconds / 60, 'min');
  return seconds < 172_800 ? figure(seconds / 3600, 'h') : figure(seconds / 86_400, 'days');
}
