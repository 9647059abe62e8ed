import type { Channel } from './channel.ts';
import { Emitter } from './emitter.ts';

/** What a {@link ChannelEmitter} publishes: an event's payload, with its name and whose it is. */
export type ChannelMessage<Events, Source extends object> = {
  [Event in keyof Events]: Events[Event] & Source & { readonly event: Event };
}[keyof Events];

/** An {@link Emitter} that also publishes each event on a channel, on which all of its kind in the process do. */
export class ChannelEmitter<Events, Source extends object> extends Emitter<Events> {
  readonly #channel: Channel<ChannelMessage<Events, Source>>;
  readonly #source: Source;

  /** @param source whose events they are, such as `{ store: 'redis' }` */
  constructor(
    names: readonly (keyof Events & string)[],
    channel: Channel<ChannelMessage<Events, Source>>,
    source: Source,
  ) {
    super(names);
    this.#channel = channel;
    this.#source = source;
  }

  override emit<Event extends keyof Events>(event: Event, payload: Events[Event]): void {
    super.emit(event, payload);
    if (!this.#channel.active) return;
    this.#channel.publish({ ...payload, ...this.#source, event });
  }
}
