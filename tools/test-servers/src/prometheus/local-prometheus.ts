import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOST, ManagedServer, type ServerProcessInfo } from '../lifecycle/managed-server.ts';
import { createRunFolder } from '../lifecycle/run-folder.ts';
import type { RunFolder } from '../lifecycle/run-layout.ts';
import { ServerProcess } from '../lifecycle/server-process.ts';
import { startWatchdog } from '../lifecycle/watchdog.ts';
import type { PrometheusBinaries } from './binaries.ts';
import type {
  PrometheusExemplar,
  PrometheusSample,
  PrometheusServer,
  PrometheusTarget,
} from './prometheus-server.ts';

/** What a server is started with. */
export interface PrometheusLaunch {
  readonly binaries: PrometheusBinaries;
  /** Addresses to scrape, by the job's name. */
  readonly targets: Readonly<Record<string, string>>;
  /** In milliseconds. */
  readonly scrapeInterval: number;
  readonly features: readonly string[];
  readonly startTimeout: number;
}

const ANSWER_TIMEOUT = 10_000;
const PROBE_TIMEOUT = 1000;
/** An hour each way: the server's clock is ours. */
const SPAN = 3600;

/** Starts a server; whatever was made is removed again when that fails. */
export async function startLocalPrometheus(launch: PrometheusLaunch): Promise<PrometheusServer> {
  const { binaries, features, startTimeout } = launch;
  const folder = await createRunFolder('prometheus', undefined);
  const managed = new ManagedServer({
    server: 'prometheus',
    folder,
    watchdog: startWatchdog(folder.path, 'TERM'),
    startTimeout,
    stopSignal: 'SIGTERM',
    releaseSignal: undefined,
    launch: (port) =>
      new ServerProcess({
        server: 'prometheus',
        file: binaries.prometheus,
        args: [
          `--config.file=${writeConfig(folder, launch)}`,
          `--storage.tsdb.path=${join(folder.home, 'data')}`,
          `--web.listen-address=${HOST}:${port}`,
          ...(features.length === 0 ? [] : [`--enable-feature=${features.join(',')}`]),
        ],
        env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
        folder,
        identity: undefined,
      }),
    isReady: async (_process, port) => {
      try {
        const signal = AbortSignal.timeout(PROBE_TIMEOUT);
        return (await fetch(`http://${HOST}:${port}/-/ready`, { signal })).ok;
      } catch {
        return false;
      }
    },
  });
  await managed.open();
  return new LocalPrometheus(managed);
}

class LocalPrometheus implements PrometheusServer {
  readonly #managed: ManagedServer;

  constructor(managed: ManagedServer) {
    this.#managed = managed;
  }

  get url(): string {
    return `http://${HOST}:${this.#managed.port}`;
  }

  get process(): ServerProcessInfo {
    return this.#managed.info;
  }

  async query(expression: string): Promise<readonly PrometheusSample[]> {
    const { result } = await this.#ask<{
      readonly result: readonly { readonly metric: Labels; readonly value: [number, string] }[];
    }>('query', { query: expression });
    return result.map(({ metric, value }) => ({ metric, value: numberOf(value[1]) }));
  }

  async targets(): Promise<readonly PrometheusTarget[]> {
    const { activeTargets } = await this.#ask<{
      readonly activeTargets: readonly (PrometheusTarget & { readonly scrapePool: string })[];
    }>('targets', { state: 'active' });
    return activeTargets
      .map(({ scrapePool, health, lastError }) => ({ job: scrapePool, health, lastError }))
      .toSorted((a, b) => (a.job < b.job ? -1 : 1));
  }

  async exemplars(expression: string): Promise<readonly PrometheusExemplar[]> {
    const now = Date.now() / 1000;
    const found = await this.#ask<
      readonly {
        readonly seriesLabels: Labels;
        readonly exemplars: readonly { readonly labels: Labels; readonly value: string }[];
      }[]
    >('query_exemplars', {
      query: expression,
      start: String(now - SPAN),
      end: String(now + SPAN),
    });
    return found.flatMap(({ seriesLabels, exemplars }) =>
      exemplars.map(({ labels, value }) => ({
        series: seriesLabels,
        labels,
        value: numberOf(value),
      })),
    );
  }

  stop(): Promise<void> {
    return this.#managed.stop();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  async #ask<Data>(what: string, parameters: Readonly<Record<string, string>>): Promise<Data> {
    const url = `${this.url}/api/v1/${what}?${new URLSearchParams(parameters).toString()}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT) });
    const answer = (await response.json()) as { readonly data: Data; readonly error?: string };
    if (!response.ok) throw new Error(`Prometheus refused ${what}: ${answer.error}`);
    return answer.data;
  }
}

type Labels = Readonly<Record<string, string>>;

/** JSON is YAML. */
function writeConfig(folder: RunFolder, { targets, scrapeInterval }: PrometheusLaunch): string {
  const file = join(folder.home, 'prometheus.yml');
  const config = {
    global: { scrape_interval: `${scrapeInterval}ms`, scrape_timeout: `${scrapeInterval}ms` },
    scrape_configs: Object.entries(targets).map(([job, address]) => {
      const { protocol, host, pathname } = new URL(address);
      return {
        job_name: job,
        scheme: protocol.slice(0, -1),
        metrics_path: pathname,
        static_configs: [{ targets: [host] }],
      };
    }),
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
  return file;
}

function numberOf(text: string): number {
  if (text === '+Inf') return Infinity;
  return text === '-Inf' ? -Infinity : Number(text);
}
