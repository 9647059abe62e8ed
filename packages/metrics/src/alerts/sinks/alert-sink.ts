import type { AlertNotification } from '../alert.ts';

/** Who is told of alerts. */
export interface AlertSink {
  /** Told in events. */
  readonly name: string;
  /** Nobody waits for it; what it throws, or rejects with, is told by the event `sinkError`. */
  send(notification: AlertNotification): void | Promise<void>;
}
