import type { ServerProcessInfo } from '../lifecycle/managed-server.ts';

/** One series of an answer. */
export interface PrometheusSample {
  /** Its labels; its name is `__name__`. */
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** What a server knows of something that it scrapes. */
export interface PrometheusTarget {
  /** Its job's name. */
  readonly job: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Why the last scrape failed; empty when it did not. */
  readonly lastError: string;
}

/** An exemplar that was scraped. */
export interface PrometheusExemplar {
  readonly series: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A Prometheus server that scrapes. When our process ends without {@link stop}, the server and its folder go too. */
export interface PrometheusServer extends AsyncDisposable {
  readonly url: string;
  readonly process: ServerProcessInfo;
  /**
   * The value of an expression now, for each series.
   * @throws when the server refuses the expression, or does not answer within 10 s
   */
  query(expression: string): Promise<readonly PrometheusSample[]>;
  /** What it scrapes, in the order of their jobs' names. */
  targets(): Promise<readonly PrometheusTarget[]>;
  /** Exemplars of series since the start. */
  exemplars(expression: string): Promise<readonly PrometheusExemplar[]>;
  /** Ends the server and removes its data. Idempotent. */
  stop(): Promise<void>;
}
