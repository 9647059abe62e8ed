import { ConfigError } from '@perf/core';
import type { Variable, VariableValues } from './variables.ts';

/** A value, and where it is from. */
export interface EnvironmentSetting {
  /** Such as `database.max`. */
  readonly option: string;
  /** Times are milliseconds. */
  readonly value: number;
  /** The variable or variables, or `default`. */
  readonly origin: string;
}

/** One way in which a setting may be given. */
export interface Source {
  readonly origin: string;
  readonly value: number | undefined;
}

/** Chooses the value of each setting, and remembers where it was from. */
export class SettingList {
  readonly all: EnvironmentSetting[] = [];
  readonly #values: VariableValues;

  constructor(values: VariableValues) {
    this.#values = values;
  }

  /** What a variable says. */
  from(variable: Variable): Source {
    return { origin: variable, value: this.#values[variable] };
  }

  /** @returns the value of the first source that has one. @throws {@link ConfigError} naming two that do not agree */
  add(option: string, sources: readonly Source[]): number | undefined {
    const [first, ...others] = sources.filter(({ value }) => value !== undefined);
    if (first?.value === undefined) return undefined;
    for (const { origin, value } of others) {
      if (value === first.value) continue;
      const expected = `${first.value}, as ${first.origin} says; unset one of the two`;
      throw new ConfigError(origin, value, expected);
    }
    this.all.push({ option, value: first.value, origin: first.origin });
    return first.value;
  }

  /** As {@link add}, or the default. */
  addOr(option: string, fallback: number, sources: readonly Source[]): number {
    const given = this.add(option, sources);
    if (given !== undefined) return given;
    this.all.push({ option, value: fallback, origin: 'default' });
    return fallback;
  }
}
