import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

const folder = fileURLToPath(new URL('../', import.meta.url));
/** Loading the cities and a run of 500 requests, on a machine that is busy with other tests. */
const TIMEOUT = 240_000;

let temporary: string;
let demo: Demo | undefined;
beforeEach(() => {
  // Of the demo's own, so that whatever it leaves behind is seen; the database's user has to get in.
  temporary = mkdtempSync('/tmp/demo-test-');
  chmodSync(temporary, 0o755);
});
afterEach(async () => {
  demo?.child.kill('SIGKILL');
  await vi.waitUntil(() => processesIn(temporary).length === 0, 10_000);
  rmSync(temporary, { recursive: true, force: true });
});

test(
  'a run with --once measures every phase, finds no wrong answer, and leaves nothing',
  { timeout: TIMEOUT },
  async () => {
    demo = start('src/main.ts', '--once', '--requests', '500');
    expect(await demo.exit).toBe(0);
    for (const phase of ['database, no cache', 'cached, empty at first', 'cached, restarted']) {
      expect(demo.output()).toContain(`│ ${phase}`);
    }
    expect(demo.output()).toMatch(/L2 (sqlite|files)/);
    expect(demo.output()).toContain('Every answer from the cache was the same as the database’s.');
    expect(demo.output()).not.toContain('warning');
    await expectNothingLeft();
  },
);

test.each([
  ['changed', '/countries/CN/stats'],
  ['unforgetful', '/cities/'],
])(
  'a cache that is %s is found out, and the exit code is 1',
  { timeout: TIMEOUT },
  async (kind, path) => {
    demo = start('test/programs/small-demo.ts', kind, '--once', '--requests', '500');
    expect(await demo.exit).toBe(1);
    expect(demo.output()).toMatch(/WRONG: \d+ answers/);
    expect(demo.output()).toContain(path);
    await expectNothingLeft();
  },
);

test(
  'Ctrl-C during the measurement ends everything, with the exit code of shells',
  { timeout: TIMEOUT },
  async () => {
    demo = start('test/programs/small-demo.ts', 'right', '--requests', '1000000');
    await demo.says(/database, no cache/);
    demo.interruptGroup();
    expect(await demo.exit).toBe(130);
    expect(demo.output()).toContain('stopped by SIGINT');
    await expectNothingLeft();
  },
);

test(
  'after the measurement it serves on the printed address, and Ctrl-C ends it well',
  { timeout: TIMEOUT },
  async () => {
    demo = start('test/programs/small-demo.ts', 'right', '--requests', '100');
    const origin = await demo.says(/http:\/\/127\.0\.0\.1:\d+/);
    const ask = async (path: string, init?: RequestInit): Promise<[number, string | null]> => {
      const response = await fetch(origin + path, init);
      return [response.status, response.headers.get('x-cache')];
    };
    expect(await ask('/search?prefix=zürich')).toEqual([200, 'database']);
    expect(await ask('/search?prefix=ZUR%C3%ADCH')).toEqual([200, 'memory']);
    expect(await ask('/cities/1')).toEqual([404, null]);
    expect(await ask('/cities/1;drop')).toEqual([400, null]);
    expect(await ask("/countries/D'/stats")).toEqual([400, null]);
    expect(await ask('/nearest?lat=100&lon=0')).toEqual([400, null]);
    expect(await ask('/health')).toEqual([200, null]);
    const put = { method: 'PUT', headers: { 'content-type': 'application/json' } };
    const [id] = await largestIn(origin, 'zurich');
    expect(
      await ask(`/cities/${id}/population`, { ...put, body: '{"population":2000000000}' }),
    ).toEqual([200, null]);
    expect((await largestIn(origin, 'zurich'))[1]).toBe(2_000_000_000);
    expect(await ask(`/cities/${id}/population`, { ...put, body: '{}' })).toEqual([400, null]);
    demo.interruptGroup();
    expect(await demo.exit).toBe(0);
    await expectNothingLeft();
  },
);

test('when it is killed, its processes and files go too', { timeout: TIMEOUT }, async () => {
  demo = start('test/programs/small-demo.ts', 'right', '--requests', '1000000');
  await demo.says(/database, no cache/);
  demo.child.kill('SIGKILL');
  await demo.exit;
  await vi.waitFor(
    () => {
      expect(leftBehind()).toEqual([]);
    },
    { timeout: 30_000 },
  );
  await expectNothingLeft();
});

test('wrong options are named, with the usage, and the exit code is 2', async () => {
  demo = start('src/main.ts', '--requests', 'many');
  expect(await demo.exit).toBe(2);
  expect(demo.output()).toContain('--requests must be a whole number');
  expect(demo.output()).toContain('usage: demo');
});

interface Demo {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly output: () => string;
  /** Waits until it has written something; resolves to that. */
  says(text: RegExp): Promise<string>;
  /** What a terminal does at Ctrl-C. */
  interruptGroup(): void;
}

function start(program: string, ...args: readonly string[]): Demo {
  const child = spawn(
    process.execPath,
    // On the sources, like the test itself.
    ['--conditions=@perf/source', '--import=tsx', join(folder, program), ...args],
    {
      cwd: folder,
      detached: true, // A process group of its own.
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, TMPDIR: temporary, TSX_DISABLE_CACHE: '1' },
    },
  );
  let written = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      written += text;
    });
  }
  const exit = once(child, 'close').then(() => child.exitCode);
  return {
    child,
    exit,
    output: () => written,
    says: (text) =>
      vi.waitFor(
        () => {
          if (child.exitCode !== null) throw new Error(`it ended:\n${written}`);
          const match = text.exec(written);
          if (match === null) throw new Error(`it has not said ${text}:\n${written}`);
          return match[0];
        },
        { timeout: TIMEOUT / 2, interval: 20 },
      ),
    interruptGroup() {
      process.kill(-(child.pid ?? 0), 'SIGINT');
    },
  };
}

/** The number and the population of the largest city of a name, as the search shows them. */
async function largestIn(origin: string, prefix: string): Promise<[number, number]> {
  const response = await fetch(`${origin}/search?prefix=${prefix}`);
  const { cities } = (await response.json()) as { cities: { id: number; population: number }[] };
  return [cities[0]?.id ?? 0, cities[0]?.population ?? 0];
}

async function expectNothingLeft(): Promise<void> {
  expect(leftBehind()).toEqual([]);
  expect(processesIn(temporary)).toEqual([]);
  // The compiler that runs the sources ends a moment later than whom it serves.
  await vi.waitFor(
    () => {
      expect(startedBelow()).toEqual([]);
    },
    { timeout: 30_000 },
  );
}

/** The binaries are kept for the next start where they had to be copied. */
function leftBehind(): readonly string[] {
  return readdirSync(temporary).filter((name) => !name.startsWith('perf-test-servers-'));
}

/** The processes that have our temporary folder in their environment, so were started by the demo. */
function startedBelow(): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return readFileSync(`/proc/${name}/environ`, 'utf8').includes(`TMPDIR=${temporary}`);
    } catch {
      return false;
    }
  });
}

function processesIn(place: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readlinkSync(`/proc/${name}/cwd`).startsWith(place);
    } catch {
      return false;
    }
  });
}
