import type { CollectedMetric, CollectorSink } from '../registry/collector.ts';
import { readNetwork } from '../signals/network.ts';
import type { RuntimePart } from './runtime-part.ts';

const RECEIVED: CollectedMetric = {
  name: 'process_network_receive_bytes_total',
  help: 'Bytes that the network interfaces received, without the loopback.',
};
const SENT: CollectedMetric = {
  name: 'process_network_transmit_bytes_total',
  help: 'Bytes that the network interfaces sent, without the loopback.',
};

/** Network interfaces. */
export class NetworkSeries implements RuntimePart {
  collect(sink: CollectorSink): void {
    const { received, sent } = readNetwork();
    if (Number.isNaN(received)) return;
    sink.counter(RECEIVED, received);
    sink.counter(SENT, sent);
  }
}
