import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  correlate,
  type CorrelationModel,
} from '../../../src/breaker-registry/correlation/correlate.ts';
import { Episode } from '../../../src/breaker-registry/correlation/episode.ts';

const model: CorrelationModel = { spread: 3000, watched: 600_000, frequencyOf: () => 0.3 };

function episode(service: string, since: number, kind = 'timeout', before = 0, gap = 0): Episode {
  const made = new Episode(service, since, since - gap, before);
  made.failed(kind);
  return made;
}

const names = (episodes: readonly Episode[], given = model): string[][] =>
  correlate(episodes, given).map(({ members }) => members.map(({ episode }) => episode.service));

describe('services that began to fail', () => {
  it('within a second of each other, with the same kind of error, did so together', () => {
    const clusters = correlate(
      [episode('a', 1000), episode('b', 1500), episode('c', 1900), episode('far', 200_000)],
      model,
    );
    expect(clusters.map(({ members }) => members.length)).toEqual([3, 1]);
    expect(clusters[0]?.confidence).toBeGreaterThan(0.99);
    expect(clusters[1]?.confidence).toBe(0);
  });

  it('one after the other, as those do that depend on each other, did so together', () => {
    expect(
      names([
        episode('database', 0, 'connection'),
        episode('users', 4000, 'timeout'),
        episode('checkout', 9000, 'timeout'),
      ]),
    ).toEqual([['database', 'users', 'checkout']]);
  });

  it('a minute apart did not', () => {
    expect(names([episode('a', 0), episode('b', 60_000)])).toEqual([['a'], ['b']]);
  });

  it('a minute apart did, when the second is called so rarely that it may have failed as long', () => {
    expect(names([episode('a', 0), episode('b', 60_000, 'timeout', 0, 60_000)])).toEqual([
      ['a', 'b'],
    ]);
  });

  it('at about the same time did not, when one of them begins to fail all the time', () => {
    const lag = 9000;
    expect(names([episode('a', 0), episode('b', lag)])).toEqual([['a', 'b']]);
    expect(names([episode('a', 0), episode('flaps', lag, 'timeout', 60)])).toEqual([
      ['a'],
      ['flaps'],
    ]);
  });

  it('do so the surer together, the rarer their kind of error is, and the less when kinds differ', () => {
    const confidence = (kind: string, frequency: number): number =>
      correlate([episode('a', 0, 'dns'), episode('b', 8000, kind)], {
        ...model,
        frequencyOf: () => frequency,
      })[0]?.confidence ?? 0;
    expect(confidence('dns', 0.01)).toBeGreaterThan(confidence('dns', 0.9));
    expect(confidence('dns', 0.3)).toBeGreaterThan(confidence('timeout', 0.3));
  });
});

describe('any episodes', () => {
  const some = fc
    .array(
      fc.record({
        service: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
        since: fc.nat(100_000),
        kind: fc.constantFrom('timeout', 'dns', 'server'),
        before: fc.nat(20),
        gap: fc.nat(5000),
      }),
      { maxLength: 30 },
    )
    .map((all) =>
      all.map(({ service, since, kind, before, gap }) =>
        episode(service, since, kind, before, gap),
      ),
    );

  it('are each in one cluster, in order, no service twice, with confidences that are probabilities', () => {
    fc.assert(
      fc.property(some, (episodes) => {
        const clusters = correlate(episodes, model);
        const all = clusters.flatMap(({ members }) => members.map(({ episode }) => episode));
        expect(all).toHaveLength(episodes.length);
        expect(new Set(all)).toEqual(new Set(episodes));
        for (const { members, confidence } of clusters) {
          const services = members.map(({ episode }) => episode.service);
          expect(new Set(services).size).toBe(services.length);
          const times = members.map(({ episode }) => episode.since);
          expect(times).toEqual(times.toSorted((x, y) => x - y));
          expect(confidence).toBeGreaterThanOrEqual(0);
          expect(confidence).toBeLessThanOrEqual(1);
          for (const member of members) expect(member.confidence).toBeGreaterThan(0.5 - 1e-9);
        }
      }),
    );
  });

  it('are clustered the same when all of them are later', () => {
    fc.assert(
      fc.property(some, fc.nat(1_000_000), (episodes, later) => {
        const moved = episodes.map(({ service, since, earliest, before, kind }) =>
          episode(service, since + later, kind, before, since - earliest),
        );
        expect(names(moved)).toEqual(names(episodes));
      }),
    );
  });
});
