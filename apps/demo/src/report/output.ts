import { SingleBar } from 'cli-progress';

/** Where the demo writes to. */
export interface Output {
  line(text?: string): void;
  /** Runs a task of `total` steps, and shows how far it is. */
  task<T>(
    label: string,
    total: number,
    run: (onProgress: (done: number) => void) => Promise<T>,
  ): Promise<T>;
}

const LABEL_WIDTH = 38;

/** A progress bar for each task on a terminal, one line per task elsewhere. */
export function streamOutput(stream: NodeJS.WriteStream): Output {
  const line = (text = ''): void => {
    stream.write(`${text}\n`);
  };
  return stream.isTTY ? { line, task: barTask(stream) } : { line, task: lineTask(line) };
}

function barTask(stream: NodeJS.WriteStream): Output['task'] {
  return async (label, total, run) => {
    const bar = new SingleBar({
      stream,
      format: `${label.padEnd(LABEL_WIDTH)} {bar} {percentage}% of {total}`,
      barCompleteChar: '█',
      barIncompleteChar: '░',
      barsize: 24,
      hideCursor: true,
      fps: 10,
      // Signals are the demo's to handle.
      gracefulExit: false,
    });
    bar.start(total, 0);
    try {
      const result = await run((done) => {
        bar.update(done);
      });
      bar.update(total);
      return result;
    } finally {
      bar.stop();
    }
  };
}

function lineTask(line: Output['line']): Output['task'] {
  return async (label, total, run) => {
    line(`${label} (${total}) …`);
    return run(() => undefined);
  };
}
