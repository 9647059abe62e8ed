import { describeFormatVersions } from '@perf/store-tests';
import { afterEach, beforeEach } from 'vitest';
import { fsStore } from '../src/index.ts';
import { makeTemporaryFolder, removeFolder } from './fixtures/temporary-folder.ts';

let dir: string;
beforeEach(async () => {
  dir = await makeTemporaryFolder();
});
afterEach(() => removeFolder(dir));

describeFormatVersions('fsStore', { open: () => fsStore({ dir }) });
