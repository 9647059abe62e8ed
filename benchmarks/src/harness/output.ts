import { SingleBar } from 'cli-progress';

/** Where the benchmarks write to. */
export interface Output {
  line(text?: string): void;
  /** Runs a task of `total` steps, and shows how far it is. */
  task<T>(
    label: string,
    total: number,
    run: (onProgress: (done: number) => void) => Promise<T>,
  ): Promise<T>;
}

const LABEL_WIDTH = 44;

/** A progress bar for each task on a terminal, one line per task elsewhere. */
export function streamOutput(stream: NodeJS.WriteStream): Output {
  const line = (text = ''): void => {
    stream.write(`${text}\n`);
  };
  if (!stream.isTTY) {
    return {
      line,
      task: (label, total, run) => {
        line(`${label} (${total}) …`);
        return run(() => undefined);
      },
    };
  }
  return {
    line,
    async task(label, total, run) {
      const format = `${label.padEnd(LABEL_WIDTH)} {bar} {value}/{total}  {duration_formatted}`;
      const bar = new SingleBar({ stream, format, barsize: 24, hideCursor: true, fps: 4 });
      bar.start(total, 0);
      try {
        return await run((done) => {
          bar.update(done);
        });
      } finally {
        bar.stop();
      }
    },
  };
}
