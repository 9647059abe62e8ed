// Compiled against the packed package and run, once as an ES module and once as CommonJS.
import { deepStrictEqual as equal } from 'node:assert';
import { PerfError } from '@perf/core';
import { createRegistry, LabelError, report } from '@perf/metrics';
import { AlertDeliveryError, createAlerts } from '@perf/metrics/alerts';
import { profiled } from '@perf/metrics/decorators';
import { diagnose } from '@perf/metrics/diagnose';
import { CaptureInProgressError, createMemoryWatch, createProfiler } from '@perf/metrics/profiler';
import { collectRuntime } from '@perf/metrics/runtime';

const registry = createRegistry();
const requests = registry.counter({ name: 'requests_total', help: 'Asked.', labels: ['route'] });
requests.child({ route: '/' }).inc(2);
equal(new LabelError('m', 'l', 'is missing') instanceof PerfError, true);
equal(new CaptureInProgressError().code, 'PERF_CAPTURE_IN_PROGRESS');

const profiler = createProfiler();
profiler.start();
collectRuntime(registry);
const watch = createMemoryWatch({ maxRss: Infinity });

class Orders {
  @profiled(profiler)
  double(value: number): number {
    return value * 2;
  }
}

async function run(): Promise<void> {
  equal(new Orders().double(21), 42);
  equal(await profiler.run('orders', 'wait', async () => 1), 1);
  const text = await registry.expose().text();
  equal(text.includes('requests_total{route="/"} 2'), true);
  equal(text.includes('process_cpu_seconds_total'), true);
  equal([watch.state, profiler.profile().operations.length], ['normal', 2]);
  equal(diagnose(profiler.profile()).verdict, 'not-enough-data');
  equal(report({ profile: profiler.profile() }).status, 'unknown');
  const alerts = createAlerts({
    rules: [{ kind: 'threshold', name: 'one', value: () => 2, above: 1 }],
  });
  equal(alerts.evaluate()[0]?.status, 'firing');
  equal(new AlertDeliveryError('a', 1, 'no').code, 'PERF_ALERT_DELIVERY');
  // The process ends by itself, though nothing is closed: no timer that is left keeps it alive.
  console.log('works');
}
void run();
