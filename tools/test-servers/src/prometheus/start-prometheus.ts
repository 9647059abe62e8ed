import { checkInteger, checkKnown, ConfigError } from '@perf/core';
import { findPrometheus } from './binaries.ts';
import { startLocalPrometheus } from './local-prometheus.ts';
import type { PrometheusServer } from './prometheus-server.ts';

/** Options of {@link startPrometheus}. */
export interface StartPrometheusOptions {
  /** Addresses to scrape, by the job's name: `{ app: 'http://127.0.0.1:9100/metrics' }`. */
  readonly targets: Readonly<Record<string, string>>;
  /** How often, and how long a scrape may take, in milliseconds. @default 1000 */
  readonly scrapeInterval?: number;
  /** Values of `--enable-feature`, such as `native-histograms`. @default none */
  readonly features?: readonly string[];
  /** Milliseconds until a start that is not ready counts as failed. @default 60_000 */
  readonly startTimeout?: number;
}

/**
 * A Prometheus server of its own on 127.0.0.1, ready when this resolves. Taken from `PATH` if it is version 2.40 or newer, else from the
 * Debian package, which is fetched once into a cache folder without any change to the system.
 * @throws {@link TestServerError} when none is found, or it does not start in time
 */
export async function startPrometheus(options: StartPrometheusOptions): Promise<PrometheusServer> {
  checkKnown('startPrometheus', options, ['targets', 'scrapeInterval', 'features', 'startTimeout']);
  const { targets, scrapeInterval = 1000, features = [], startTimeout = 60_000 } = options;
  for (const [job, address] of Object.entries(targets)) {
    if (!URL.canParse(address)) throw new ConfigError(`targets.${job}`, address, 'an address');
  }
  checkInteger('scrapeInterval', scrapeInterval);
  checkInteger('startTimeout', startTimeout);
  const binaries = await findPrometheus();
  return startLocalPrometheus({ binaries, targets, scrapeInterval, features, startTimeout });
}

/**
 * Why {@link startPrometheus} and {@link runPromtool} would find nothing here; `undefined` when they do. Fetches it if need be. For tests
 * that are skipped, loudly, where there is none.
 */
export async function prometheusIsMissing(): Promise<string | undefined> {
  try {
    await findPrometheus();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
