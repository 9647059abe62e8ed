/** A process that sends requests, so that measuring does not wait for the service's event loop. */
import { LoadClient } from './load-client.ts';
import type { Command, Report } from './messages.ts';
import { OrderRunner } from './orders.ts';

/** How many requests pass between two reports. */
const REPORT_EVERY = 200;

let runner: OrderRunner | undefined;

function report(message: Report): void {
  process.send?.(message);
}

async function obey(command: Command): Promise<void> {
  if (command.kind === 'setup') {
    const client = new LoadClient(command.origin, command.concurrency);
    runner = new OrderRunner(client, command.paths);
    return;
  }
  if (runner === undefined) throw new Error('an order came before the setup');
  const outcome = await runner.run(command, (done) => {
    if (done % REPORT_EVERY === 0) report({ kind: 'progress', done });
  });
  report(outcome);
}

process.on('message', (command: Command) => {
  obey(command).catch((error: unknown) => {
    report({ kind: 'failed', message: error instanceof Error ? error.message : String(error) });
  });
});

// The demo has let go of us, or is gone.
process.on('disconnect', () => {
  process.exit();
});
