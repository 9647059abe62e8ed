import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ManualClock } from '@perf/core/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Cgroup } from '../../src/signals/cgroup.ts';

const clock = new ManualClock();
let root: string;

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'perf-cgroup-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function file(name: string, text: string): void {
  const whole = path.join(root, name);
  mkdirSync(path.dirname(whole), { recursive: true });
  writeFileSync(whole, text);
}

test('version 2: the limits of the group, its memory and its throttled time', () => {
  file('proc/self/cgroup', '0::/app\n');
  file('sys/fs/cgroup/app/memory.max', '536870912\n');
  file('sys/fs/cgroup/app/memory.current', '1048576\n');
  file('sys/fs/cgroup/app/cpu.max', '150000 100000\n');
  file('sys/fs/cgroup/app/cpu.stat', 'usage_usec 5\nnr_throttled 2\nthrottled_usec 2500\n');
  const cgroup = new Cgroup(clock, root);
  expect(cgroup.limits()).toEqual({ memory: 536_870_912, cpus: 1.5 });
  expect(cgroup.memoryInUse()).toBe(1_048_576);
  expect(cgroup.throttledTime()).toBe(2.5);
});

test('version 2: the strictest limit of the groups above counts', () => {
  file('proc/self/cgroup', '0::/slice/app\n');
  file('sys/fs/cgroup/slice/app/memory.max', 'max\n');
  file('sys/fs/cgroup/slice/app/cpu.max', 'max 100000\n');
  file('sys/fs/cgroup/slice/memory.max', '1000\n');
  file('sys/fs/cgroup/slice/cpu.max', '50000 100000\n');
  expect(new Cgroup(clock, root).limits()).toEqual({ memory: 1000, cpus: 0.5 });
});

test('in a container, where the path is that of the host, what is mounted is the group', () => {
  file('proc/self/cgroup', '0::/docker/abc\n');
  file('sys/fs/cgroup/memory.max', '2000\n');
  file('sys/fs/cgroup/memory.current', '1000\n');
  const cgroup = new Cgroup(clock, root);
  expect(cgroup.limits().memory).toBe(2000);
  expect(cgroup.memoryInUse()).toBe(1000);
});

test('version 1: each controller has a hierarchy of its own', () => {
  file('proc/self/cgroup', '5:cpu,cpuacct:/app\n4:memory:/box\n');
  file('sys/fs/cgroup/memory/box/memory.limit_in_bytes', '4096\n');
  file('sys/fs/cgroup/memory/box/memory.usage_in_bytes', '512\n');
  file('sys/fs/cgroup/cpu/app/cpu.cfs_quota_us', '200000\n');
  file('sys/fs/cgroup/cpu/app/cpu.cfs_period_us', '100000\n');
  file('sys/fs/cgroup/cpu/app/cpu.stat', 'nr_periods 1\nthrottled_time 3000000\n');
  const cgroup = new Cgroup(clock, root);
  expect(cgroup.limits()).toEqual({ memory: 4096, cpus: 2 });
  expect(cgroup.memoryInUse()).toBe(512);
  expect(cgroup.throttledTime()).toBe(3);
});

test('version 1: the largest number, and a quota of -1, are no limits', () => {
  file('proc/self/cgroup', '5:cpu:/\n4:memory:/\n');
  file('sys/fs/cgroup/memory/memory.limit_in_bytes', '9223372036854771712\n');
  file('sys/fs/cgroup/cpu/cpu.cfs_quota_us', '-1\n');
  file('sys/fs/cgroup/cpu/cpu.cfs_period_us', '100000\n');
  expect(new Cgroup(clock, root).limits()).toEqual({ memory: undefined, cpus: undefined });
});

test('memory of version 1 beside processors of version 2', () => {
  file('proc/self/cgroup', '4:memory:/box\n0::/app\n');
  file('sys/fs/cgroup/memory/box/memory.limit_in_bytes', '4096\n');
  file('sys/fs/cgroup/app/cpu.max', '100000 100000\n');
  expect(new Cgroup(clock, root).limits()).toEqual({ memory: 4096, cpus: 1 });
});

test('without control groups nothing is limited, and nothing known', () => {
  const cgroup = new Cgroup(clock, root);
  expect(cgroup.limits()).toEqual({ memory: undefined, cpus: undefined });
  expect(cgroup.memoryInUse()).toBeNaN();
  expect(cgroup.throttledTime()).toBeNaN();
});

test('limits that are changed are noticed after ten seconds', () => {
  file('proc/self/cgroup', '0::/app\n');
  file('sys/fs/cgroup/app/memory.max', '1000\n');
  const cgroup = new Cgroup(clock, root);
  expect(cgroup.limits().memory).toBe(1000);
  file('sys/fs/cgroup/app/memory.max', '2000\n');
  clock.advance(9_999);
  expect(cgroup.limits().memory).toBe(1000);
  clock.advance(1);
  expect(cgroup.limits().memory).toBe(2000);
});
