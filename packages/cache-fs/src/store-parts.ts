import { Emitter } from '@perf/core';
import { HEAD_BYTES } from './entries/entry-format.ts';
import { EntryReader } from './entries/entry-reader.ts';
import { Folder } from './disk/folder.ts';
import { newCounters, type FsStoreCounters, type FsStoreEvents } from './fs-store-events.ts';
import type { ResolvedFsStoreOptions } from './fs-store-options.ts';
import { OperationOrder } from './ordering/operation-order.ts';
import { UsageIndex } from './maintenance/usage-index.ts';

/** What the parts of one store share. */
export interface StoreParts {
  readonly options: ResolvedFsStoreOptions;
  readonly folder: Folder;
  readonly reader: EntryReader;
  readonly order: OperationOrder;
  readonly index: UsageIndex;
  readonly events: Emitter<FsStoreEvents>;
  readonly counters: FsStoreCounters;
}

/** The longest key that a head can tell. */
const LONGEST_KEY = 2 ** 32 - 1;

export function createParts(options: ResolvedFsStoreOptions): StoreParts {
  const { maxBytes, maxValueBytes, concurrency } = options;
  return {
    options,
    folder: new Folder(options.dir),
    reader: new EntryReader(Math.min(maxBytes, HEAD_BYTES + LONGEST_KEY + maxValueBytes)),
    order: new OperationOrder(concurrency),
    index: new UsageIndex(options),
    events: new Emitter(['damaged', 'refused', 'error']),
    counters: newCounters(),
  };
}
