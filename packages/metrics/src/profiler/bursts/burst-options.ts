import {
  checkFunction,
  checkKnown,
  checkOneOf,
  checkString,
  toMilliseconds,
  type Duration,
} from '@perf/core';
import { LONGEST_CAPTURE, type CaptureKind } from '../captures/capture.ts';
import type { Sample } from '../sample.ts';

/** A profile that is taken by itself when something is wrong. */
export interface BurstOptions {
  /** Told in events. @default `'burst'` and its number, from 1 */
  readonly name?: string | undefined;
  /** Whether something is wrong, asked of each sample; one that throws says no, and is an event. @default the event loop is busy for 90 % of the time */
  readonly when?: ((sample: Sample) => boolean) | undefined;
  /** For how long each sample must have said so. @default '10s' */
  readonly for?: Duration | undefined;
  /** @default 'cpu' */
  readonly capture?: CaptureKind | undefined;
  /** How long the profile is, at most 5 minutes. @default '5s' */
  readonly duration?: Duration | undefined;
  /** From the beginning of one to that of the next. @default '10m' */
  readonly coolDown?: Duration | undefined;
}

/** {@link BurstOptions}, checked. */
export interface BurstSettings {
  readonly name: string;
  readonly when: (sample: Sample) => boolean;
  readonly holdFor: number;
  readonly capture: CaptureKind;
  readonly duration: number;
  readonly coolDown: number;
}

const BUSY = 0.9;
const KNOWN = ['name', 'when', 'for', 'capture', 'duration', 'coolDown'];

/** @throws {@link ConfigError} naming the option that is refused */
export function burstSettings(path: string, options: BurstOptions, index: number): BurstSettings {
  checkKnown(path, options, KNOWN);
  return {
    name: checkString(`${path}.name`, options.name ?? `burst ${index + 1}`),
    when: checkFunction(`${path}.when`, options.when ?? isBusy),
    holdFor: toMilliseconds(`${path}.for`, options.for ?? '10s', { min: 0 }),
    capture: checkOneOf(`${path}.capture`, options.capture ?? 'cpu', ['cpu', 'heap']),
    duration: toMilliseconds(`${path}.duration`, options.duration ?? '5s', {
      max: LONGEST_CAPTURE,
    }),
    coolDown: toMilliseconds(`${path}.coolDown`, options.coolDown ?? '10m', { min: 1000 }),
  };
}

function isBusy(sample: Sample): boolean {
  return sample.loopUtilization > BUSY;
}
