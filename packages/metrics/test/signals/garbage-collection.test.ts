import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test, vi } from 'vitest';
import { observeGc, type GcKind, type GcListener } from '../../src/signals/garbage-collection.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as (options?: { type: 'minor' }) => void;

test('full collections and those of the young generation are told with their pause', async () => {
  const seen: [GcKind, number][] = [];
  const stop = observeGc((kind, pause) => seen.push([kind, pause]));
  collect();
  collect({ type: 'minor' });
  await vi.waitFor(
    () => {
      const kinds = seen.map(([kind]) => kind);
      expect(kinds).toContain('major');
      expect(kinds).toContain('minor');
    },
    { timeout: 15_000 },
  );
  expect(seen.every(([, pause]) => pause > 0)).toBe(true);
  stop();
});

test('after its end nothing is told', async () => {
  const stopped = vi.fn<GcListener>();
  observeGc(stopped)();
  let others = 0;
  const stop = observeGc(() => others++);
  collect();
  await vi.waitFor(() => expect(others).toBeGreaterThan(0), { timeout: 15_000 });
  expect(stopped).not.toHaveBeenCalled();
  stop();
});
