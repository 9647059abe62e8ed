import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { ChannelEmitter, defineChannel, type ChannelMessage } from '@perf/core';
import { expect, test } from 'vitest';

interface Events {
  readonly full: { readonly entries: number };
  readonly trouble: { readonly error: Error };
}

interface Source {
  readonly store: string;
}

const channel = defineChannel<ChannelMessage<Events, Source>>('cache', 'test-emitter');

test('an event goes to its listeners, and with its name and source to the channel while someone subscribes', () => {
  const emitter = new ChannelEmitter<Events, Source>(['full', 'trouble'], channel, { store: 'a' });
  const heard: unknown[] = [];
  emitter.on('full', (payload) => heard.push(payload));
  emitter.emit('full', { entries: 1 });

  const published: unknown[] = [];
  const listener = (message: unknown): void => void published.push(message);
  subscribe(channel.name, listener);
  const error = new Error('broken');
  emitter.emit('full', { entries: 2 });
  emitter.emit('trouble', { error });
  unsubscribe(channel.name, listener);
  emitter.emit('full', { entries: 3 });

  expect(heard).toEqual([{ entries: 1 }, { entries: 2 }, { entries: 3 }]);
  expect(published).toEqual([
    { store: 'a', event: 'full', entries: 2 },
    { store: 'a', event: 'trouble', error },
  ]);
});
