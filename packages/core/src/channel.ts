import { channel as nodeChannel } from 'node:diagnostics_channel';
import { debuglog } from 'node:util';

/** A typed `node:diagnostics_channel`, also traced by `NODE_DEBUG`. */
export interface Channel<Payload> {
  /** The full name, such as `perf:cache:load`. */
  readonly name: string;
  /** Whether a subscriber or `NODE_DEBUG` listens: guard the making of a payload with it. */
  readonly active: boolean;
  /** Hands the payload to all subscribers, synchronously; what they throw is reported by Node, not here. */
  publish(payload: Payload): void;
}

/**
 * The channel `perf:<area>:<event>`. `NODE_DEBUG=perf:<area>` prints every message of the area to
 * standard error.
 */
export function defineChannel<Payload>(area: string, event: string): Channel<Payload> {
  const name = `perf:${area}:${event}`;
  const target = nodeChannel(name);
  const trace = debuglog(`perf:${area}`);
  return {
    name,
    get active() {
      return target.hasSubscribers || trace.enabled;
    },
    publish(payload) {
      trace('%s %o', event, payload);
      target.publish(payload);
    },
  };
}
