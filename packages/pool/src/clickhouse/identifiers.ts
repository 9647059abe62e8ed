import { ConfigError } from '@perf/core';

/** A table: its name, with that of its database before a dot; or both apart, where a name has a dot in it. */
export type TableName = string | { readonly database?: string | undefined; readonly table: string };

/** The name as an identifier, whatever characters are in it. @throws {@link ConfigError} when it is empty */
export function quoted(option: string, name: string): string {
  if (typeof name !== 'string' || name === '' || name.includes('\0')) {
    throw new ConfigError(option, name, 'a name');
  }
  return `\`${name.replaceAll(/[\\`]/g, String.raw`\$&`)}\``;
}

/** @throws {@link ConfigError} when it is no name of a table */
export function quotedTable(option: string, name: TableName): string {
  return partsOf(option, name)
    .map((part) => quoted(option, part))
    .join('.');
}

/** The database, if one is given, and the table. */
export function partsOf(option: string, name: TableName): readonly string[] {
  if (typeof name === 'string') {
    const dot = name.indexOf('.');
    return dot < 0 ? [name] : [name.slice(0, dot), name.slice(dot + 1)];
  }
  if (typeof name !== 'object' || name === null) throw new ConfigError(option, name, 'a table');
  return name.database === undefined ? [name.table] : [name.database, name.table];
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
}
