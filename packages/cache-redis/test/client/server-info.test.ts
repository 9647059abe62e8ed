import { describe, expect, it } from 'vitest';
import { parseServerInfo, problemsOf } from '../../src/client/server-info.ts';

const GOOD = [
  '# Server',
  'redis_version:7.0.15',
  'run_id:abc',
  '# Memory',
  'used_memory:1000',
  'maxmemory:0',
  'maxmemory_policy:noeviction',
  '# Replication',
  'role:master',
  'master_replid:def',
].join('\r\n');

function problems(...changes: readonly (readonly [from: string, to: string])[]): string[] {
  let text = GOOD;
  for (const [from, to] of changes) text = text.replace(from, to);
  return problemsOf('h:1', parseServerInfo(text)).map(({ problem }) => problem);
}

describe('parseServerInfo', () => {
  it('reads what has to be known', () => {
    expect(parseServerInfo(GOOD)).toEqual({
      runId: 'abc',
      replicationId: 'def',
      version: '7.0.15',
      role: 'master',
      evictionPolicy: 'noeviction',
      maxMemory: 0,
      usedMemory: 1000,
      cannotPersist: false,
    });
  });

  it('knows nothing where INFO was not allowed', () => {
    expect(parseServerInfo(undefined)).toMatchObject({ runId: undefined, maxMemory: 0 });
  });
});

describe('problemsOf', () => {
  it('finds none in a server that is set up well', () => {
    expect(problems()).toEqual([]);
    expect(problems(['maxmemory:0', 'maxmemory:100'])).toEqual([]);
    expect(problems(['maxmemory:0', 'maxmemory:100'], ['noeviction', 'volatile-lru'])).toEqual([]);
    // Without a bound nothing is ever evicted.
    expect(problems(['noeviction', 'allkeys-lru'])).toEqual([]);
  });

  it('finds a policy that evicts the ledger, and says what to run', () => {
    const changes = [
      ['maxmemory:0', 'maxmemory:100'],
      ['noeviction', 'allkeys-lfu'],
    ] as const;
    expect(problems(...changes)).toEqual(['eviction']);
    const [problem] = problemsOf(
      'h:1',
      parseServerInfo('run_id:a\nmaxmemory:1\nmaxmemory_policy:allkeys-lru'),
    );
    expect(problem?.message).toContain('CONFIG SET maxmemory-policy volatile-lfu');
  });

  it.each(['6.2.14', '5.0.7', '2.8'])('finds version %s too old', (version) => {
    expect(problems(['7.0.15', version])).toEqual(['version']);
  });

  it.each(['7.0.0', '7.4.1', '8.0', '10.0.0'])('takes version %s', (version) => {
    expect(problems(['7.0.15', version])).toEqual([]);
  });

  it('finds a server that cannot write to its disk', () => {
    expect(problems(['role', 'rdb_last_bgsave_status:ok\r\nrole'])).toEqual([]);
    for (const name of ['rdb_last_bgsave_status', 'aof_last_write_status']) {
      expect(problems(['role', `${name}:err\r\nrole`])).toEqual(['persistence']);
    }
  });

  it('finds a replica, and a server that says nothing', () => {
    expect(problems(['role:master', 'role:slave'])).toEqual(['replica']);
    expect(problems(['run_id:abc', ''])).toEqual(['unknown']);
  });
});
