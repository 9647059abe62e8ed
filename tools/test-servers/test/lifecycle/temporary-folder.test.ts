import { existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createTemporaryFolder } from '../../src/lifecycle/temporary-folder.ts';

test('the folder is empty, private, and gone with its contents when it is removed, twice even', async () => {
  const folder = await createTemporaryFolder('test');
  expect(statSync(folder.path).mode & 0o777).toBe(0o700);
  writeFileSync(join(folder.path, 'file'), '');
  await folder.remove();
  await folder.remove();
  expect(existsSync(dirname(folder.path))).toBe(false);
});
