import { checkKnown, checkString, ConfigError, systemClock, type Clock } from '@perf/core';
import {
  resolveSource,
  SOURCE_OPTIONS,
  type ClientMaker,
  type ClientSource,
} from './client/client-source.ts';
import { channelOf } from './keys/key-space.ts';

/** Options of {@link redisBus}. */
export interface RedisBusOptions extends ClientSource {
  /**
   * The prefix of the store that the bus belongs to; the channel is made of it. Either this or `channel`.
   */
  readonly prefix?: string;
  /**
   * Where messages are published: the same for all instances of one cache, and for no other cache. Redis has
   * one space of channels for all databases. @default `{prefix}:bus`, with the number of the database if
   * it is not 0
   */
  readonly channel?: string;
  /** Names the bus in events and health. @default 'redis' */
  readonly name?: string;
  /** The source of time. @default systemClock */
  readonly clock?: Clock;
}

/** {@link RedisBusOptions} checked and completed. */
export interface RedisBusSettings {
  readonly maker: ClientMaker;
  readonly channel: string;
  readonly name: string;
  readonly clock: Clock;
}

const KNOWN: readonly (keyof RedisBusOptions)[] = [
  ...SOURCE_OPTIONS,
  'prefix',
  'channel',
  'name',
  'clock',
];

/** @throws ConfigError naming the option that is not right */
export function resolveBusOptions(options: RedisBusOptions): RedisBusSettings {
  checkKnown('redisBus', options, KNOWN);
  const { prefix, channel } = options;
  if ((prefix === undefined) === (channel === undefined)) {
    throw new ConfigError('prefix', prefix, `given, unless 'channel' is: the store's own prefix`);
  }
  const maker = resolveSource('redisBus', options);
  return {
    maker,
    channel:
      channel === undefined
        ? channelOf(prefix ?? '', maker.database)
        : checkString('channel', channel),
    name: checkString('name', options.name ?? 'redis'),
    clock: options.clock ?? systemClock,
  };
}
