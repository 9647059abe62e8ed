// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { ConfigError, Emitter, PerfError, systemClock, toBytes, toMilliseconds } from '@perf/core';
import { ManualClock } from '@perf/core/testing';

const clock = new ManualClock();
const emitter = new Emitter<{ tick: number }>(['tick']);
const ticks: number[] = [];
emitter.on('tick', (time) => ticks.push(time));
clock.setTimer(() => emitter.emit('tick', clock.now()), toMilliseconds('delay', '1.5s'));
clock.advance(2000);
equal(ticks, [1500]);

let refused: unknown;
try {
  toBytes('maxBytes', -1);
} catch (error) {
  refused = error;
}
equal([refused instanceof ConfigError, refused instanceof PerfError], [true, true]);
equal(systemClock.coarse() <= systemClock.now(), true);
console.log('works');
