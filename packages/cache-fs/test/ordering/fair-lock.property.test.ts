import { array, assert, boolean, constantFrom, integer, property, tuple } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLock, type Place } from '../../src/ordering/fair-lock.ts';

describe('FairLock', () => {
  it('grants in the order of asking, to one alone or to as many as may share', () => {
    const step = tuple(constantFrom('enter', 'leave'), boolean(), integer({ min: 0, max: 1000 }));
    assert(
      property(array(step, { maxLength: 60 }), integer({ min: 1, max: 4 }), (steps, capacity) => {
        const lock = new FairLock(capacity);
        const places: Place[] = [];
        for (const [what, exclusive, which] of steps) {
          if (what === 'enter') {
            places.push(lock.enter(exclusive));
          } else if (places.length > 0) {
            const [gone] = places.splice(which % places.length, 1);
            if (gone !== undefined) lock.leave(gone);
          }
          // The model: who stands in the queue before somebody who waits, waits no longer than he.
          let held = 0;
          let alone = false;
          let waits = false;
          const expected = places.map(({ exclusive }) => {
            waits ||= exclusive ? held > 0 : alone || held >= capacity;
            if (waits) return false;
            held++;
            alone = exclusive;
            return true;
          });
          const granted = places.map((place) => place.granted);
          // Those who already hold it keep it when somebody before them has left.
          for (const [index, one] of granted.entries())
            if (expected[index] === true) expect(one).toBe(true);
          const holders = places.filter((place) => place.granted);
          expect(holders.length <= capacity).toBe(true);
          if (holders.some(({ exclusive }) => exclusive)) expect(holders).toHaveLength(1);
          expect(lock.idle).toBe(places.length === 0);
        }
      }),
    );
  });

  it('wakes whoever is granted later, and nobody who gave up', () => {
    const lock = new FairLock();
    const first = lock.enter(true);
    const woken: string[] = [];
    const places = ['a', 'b', 'c'].map((name) => {
      const place = lock.enter(name === 'b');
      place.wake = () => woken.push(name);
      return place;
    });
    if (places[1] !== undefined) lock.leave(places[1]);
    lock.leave(first);
    expect(woken).toEqual(['a', 'c']);
  });
});
