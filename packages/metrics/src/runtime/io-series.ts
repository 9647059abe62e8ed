import type { Clock } from '@perf/core';
import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { readIo } from '../signals/file-io.ts';
import { readOpenFiles, readOpenFilesLimit } from '../signals/open-files.ts';
import { ThreadPoolProbe } from '../signals/thread-pool-probe.ts';
import { seconds, type RuntimePart } from './runtime-part.ts';

const DISK_READ: CollectedMetric = {
  name: 'process_disk_read_bytes_total',
  help: 'Bytes that came from a disk.',
};
const DISK_WRITTEN: CollectedMetric = {
  name: 'process_disk_written_bytes_total',
  help: 'Bytes that went to a disk.',
};
const READ: CollectedMetric = {
  name: 'process_io_read_bytes_total',
  help: 'Bytes read from files, pipes and sockets, wherever they came from.',
};
const WRITTEN: CollectedMetric = {
  name: 'process_io_written_bytes_total',
  help: 'Bytes written to files, pipes and sockets.',
};
const OPEN: CollectedMetric = {
  name: 'process_open_fds',
  help: 'Number of open file descriptors.',
};
const MOST_OPEN: CollectedMetric = {
  name: 'process_max_fds',
  help: 'Maximum number of open file descriptors.',
};
const THREAD_POOL: CollectedMetric = {
  name: 'nodejs_threadpool_delay_seconds',
  help: 'How long a trivial file operation had to wait for a thread at least.',
  aggregate: 'max',
};

/** Disks, files, and the thread pool that serves them. */
export class IoSeries implements RuntimePart {
  readonly #mostOpen = readOpenFilesLimit();
  readonly #probe: ThreadPoolProbe;

  constructor(clock: Clock) {
    this.#probe = new ThreadPoolProbe(clock);
    this.#probe.probe();
  }

  collect(sink: CollectorSink): void {
    const { diskRead, diskWritten, read, written } = readIo();
    this.#count(sink, DISK_READ, diskRead);
    this.#count(sink, DISK_WRITTEN, diskWritten);
    this.#count(sink, READ, read);
    this.#count(sink, WRITTEN, written);
    this.#tell(sink, OPEN, readOpenFiles());
    this.#tell(sink, MOST_OPEN, this.#mostOpen);
    this.#tell(sink, THREAD_POOL, seconds(this.#probe.probe()));
  }

  #count(sink: CollectorSink, metric: CollectedMetric, total: number): void {
    if (!Number.isNaN(total)) sink.counter(metric, total);
  }

  #tell(sink: CollectorSink, metric: CollectedMetric, value: number): void {
    if (!Number.isNaN(value)) sink.gauge(metric, value);
  }
}
