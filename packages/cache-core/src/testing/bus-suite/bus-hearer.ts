import type { StoreCall } from '../../contracts/cache-store.ts';
import type { InvalidationBus } from '../../contracts/invalidation-bus.ts';

/** A bus that has been opened, and what it has told. */
export class BusHearer {
  readonly bus: InvalidationBus;
  readonly messages: string[] = [];
  /** How often it has told that it hears, and that it does not any more. */
  connections = 0;
  disconnections = 0;
  /** Whether everything that it told was in its place: messages while connected, one state after the other. */
  inOrder = true;

  constructor(bus: InvalidationBus) {
    this.bus = bus;
    bus.open({
      onMessage: (message) => {
        this.messages.push(message);
        this.inOrder &&= this.hears;
      },
      onConnected: () => {
        this.inOrder &&= !this.hears;
        this.connections++;
      },
      onDisconnected: () => {
        this.inOrder &&= this.hears;
        this.disconnections++;
      },
    });
  }

  get hears(): boolean {
    return this.connections > this.disconnections;
  }

  publish(message: string): Promise<void> {
    return this.bus.publish(message, freshCall());
  }
}

/** A call with time without end. */
function freshCall(): StoreCall {
  return { signal: new AbortController().signal };
}
