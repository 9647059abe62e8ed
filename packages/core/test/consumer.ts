// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { ConfigError, Emitter, PerfError, systemClock, toBytes, toMilliseconds } from '@perf/core';
import { ManualClock } from '@perf/core/testing';

const clock = new ManualClock();
const emitter = new Emitter<{ tick: number }>();
emitter.on('tick', (time) => console.log('tick', time));
clock.setTimer(() => emitter.emit('tick', clock.now()), toMilliseconds('delay', '1.5s'));
clock.advance(2000);

try {
  toBytes('maxBytes', -1);
} catch (error) {
  console.log(error instanceof ConfigError, error instanceof PerfError, String(error));
}
console.log(systemClock.coarse() <= systemClock.now());
