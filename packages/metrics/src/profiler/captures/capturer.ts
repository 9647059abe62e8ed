import {
  abortable,
  checkKnown,
  checkNumber,
  checkString,
  ConfigError,
  deadlineSignal,
  sleep,
  toBytes,
  toMilliseconds,
  type Clock,
} from '@perf/core';
import { CaptureFailedError, CaptureInProgressError } from '../../errors.ts';
import {
  LONGEST_CAPTURE,
  type Capture,
  type CaptureKind,
  type CpuCaptureOptions,
  type HeapCaptureOptions,
} from './capture.ts';
import { CaptureFiles } from './capture-files.ts';
import { inspectCpu, inspectHeap, type InspectedProfile } from './inspect.ts';

/** What a capturer needs to know. */
export interface CapturerSettings {
  readonly clock: Clock;
  /** The folder, where a call names none. */
  readonly dir: string | undefined;
  readonly maxFiles: number;
  /** Aborts when the profiler is closed. */
  readonly closed: AbortSignal;
}

const DEFAULT_DURATION = 10_000;
/** For the writing of a file. */
const WRITE_TIMEOUT = 30_000;
const LEAST_HEAP_STEP = 16 * 1024;

interface Plan {
  readonly kind: CaptureKind;
  readonly dir: string;
  readonly duration: number;
  readonly signal: AbortSignal | undefined;
  readonly inspect: (until: () => Promise<void>) => Promise<InspectedProfile>;
}

/** Takes one profile at a time, for a bounded time, into a file. */
export class Capturer {
  readonly #settings: CapturerSettings;
  readonly #files: CaptureFiles;
  #isBusy = false;

  constructor(settings: CapturerSettings) {
    this.#settings = settings;
    this.#files = new CaptureFiles(settings.maxFiles);
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  async cpu(options: CpuCaptureOptions, keepAlive = true): Promise<Capture> {
    const { sampleEvery = 10, ...rest } = checkOptions('captureCpu', options);
    const every = checkNumber('captureCpu.sampleEvery', sampleEvery, 0.1, 1000);
    const plan = this.#plan('cpu', 'captureCpu', rest, (until) => inspectCpu(every, until));
    return this.#run(plan, keepAlive);
  }

  async heap(options: HeapCaptureOptions, keepAlive = true): Promise<Capture> {
    const { sampleEvery = '512kb', ...rest } = checkOptions('captureHeap', options);
    const every = toBytes('captureHeap.sampleEvery', sampleEvery, { min: LEAST_HEAP_STEP });
    const plan = this.#plan('heap', 'captureHeap', rest, (until) => inspectHeap(every, until));
    return this.#run(plan, keepAlive);
  }

  #plan(
    kind: CaptureKind,
    method: string,
    options: Omit<CpuCaptureOptions, 'sampleEvery'>,
    inspect: Plan['inspect'],
  ): Plan {
    const dir = options.dir ?? this.#settings.dir;
    if (dir === undefined) {
      const expected = `a folder for the file: set it here, or as captures.dir of the profiler`;
      throw new ConfigError(`${method}.dir`, dir, expected);
    }
    const duration = options.duration ?? DEFAULT_DURATION;
    return {
      kind,
      dir: checkString(`${method}.dir`, dir),
      duration: toMilliseconds(`${method}.duration`, duration, { max: LONGEST_CAPTURE }),
      signal: options.signal,
      inspect,
    };
  }

  async #run(plan: Plan, keepAlive: boolean): Promise<Capture> {
    const { clock, closed } = this.#settings;
    closed.throwIfAborted();
    plan.signal?.throwIfAborted();
    if (this.#isBusy) throw new CaptureInProgressError();
    this.#isBusy = true;
    const owned = deadlineSignal(clock, 'a capture', Infinity, closed, plan.signal);
    try {
      return await this.#capture(plan, owned.signal, keepAlive);
    } catch (error) {
      throw owned.signal.aborted ? owned.signal.reason : new CaptureFailedError(plan.kind, error);
    } finally {
      owned.release();
      this.#isBusy = false;
    }
  }

  async #capture(plan: Plan, signal: AbortSignal, keepAlive: boolean): Promise<Capture> {
    const { clock } = this.#settings;
    const { kind, dir } = plan;
    const time = clock.epoch();
    const start = clock.now();
    let duration = 0;
    const { text, hottest } = await plan.inspect(async () => {
      await sleep(clock, plan.duration, signal, { keepAlive });
      duration = clock.now() - start;
    });
    const file = await this.#write(dir, kind, time, text, signal);
    return { kind, file, bytes: Buffer.byteLength(text), time, duration, hottest };
  }

  async #write(
    dir: string,
    kind: CaptureKind,
    time: number,
    text: string,
    signal: AbortSignal,
  ): Promise<string> {
    const { clock } = this.#settings;
    const bound = deadlineSignal(clock, `writing to ${dir}`, WRITE_TIMEOUT, signal);
    try {
      return await abortable(this.#files.write(dir, kind, time, text), bound.signal);
    } finally {
      bound.release();
    }
  }
}

function checkOptions<Options extends CpuCaptureOptions | HeapCaptureOptions>(
  method: string,
  options: Options,
): Options {
  checkKnown(method, options, ['duration', 'dir', 'signal', 'sampleEvery']);
  return options;
}
