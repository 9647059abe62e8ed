import assert from 'node:assert/strict';
import { busChecksOf, type BusCheck } from './bus-check.ts';

const MANY = 500;

export const DELIVERY_CHECKS: readonly BusCheck[] = busChecksOf('delivery', {
  'a bus says what it is': async ({ subject }) => {
    const { bus } = subject;
    const other = await subject.second();
    for (const word of [bus.name, bus.medium, bus.channel]) {
      assert.equal(typeof word, 'string');
      assert.notEqual(word, '');
    }
    assert.deepEqual([other.medium, other.channel], [bus.medium, bus.channel]);
    assert.notEqual((await subject.elsewhere()).channel, bus.channel);
  },

  'a message reaches every member once, whoever published it included': async ({
    subject,
    hear,
    until,
  }) => {
    const members = [await hear(subject.bus), await hear(await subject.second())] as const;
    await members[0].publish('from one');
    await members[1].publish('from the other');
    await until(
      () => members.every(({ messages }) => messages.length >= 2),
      'both messages have reached both members',
    );
    for (const member of members) {
      await member.publish('last');
      await until(() => member.messages.includes('last'), 'the last message has come');
      const before = member.messages.filter((message) => message !== 'last');
      assert.deepEqual(before.toSorted(), ['from one', 'from the other']);
    }
  },

  'the messages of one publisher come in its order': async ({ subject, hear, until }) => {
    const publisher = await hear(subject.bus);
    const other = await hear(await subject.second());
    const messages = Array.from({ length: MANY }, (_, index) => `${index}`);
    await Promise.all(messages.map((message) => publisher.publish(message)));
    for (const member of [publisher, other]) {
      await until(() => member.messages.length >= MANY, 'all messages have come');
      assert.deepEqual(member.messages, messages);
    }
  },

  'a message comes as it was published, whatever is in it': async ({ subject, hear, until }) => {
    const member = await hear(subject.bus);
    const messages = [
      ' ',
      'a b',
      '\n\r\n',
      '\0',
      '"\\\'',
      'é e\u0301 👩‍👩‍👧',
      '*3\r\n$3\r\n',
      'x'.repeat(100_000),
    ];
    for (const message of messages) await member.publish(message);
    await until(() => member.messages.length >= messages.length, 'all messages have come');
    assert.deepEqual(member.messages, messages);
  },

  'another channel is not heard': async ({ subject, hear, until }) => {
    const member = await hear(subject.bus);
    const elsewhere = await hear(await subject.elsewhere());
    await elsewhere.publish('elsewhere');
    await member.publish('here');
    await until(
      () => member.messages.length > 0 && elsewhere.messages.length > 0,
      'both messages have come',
    );
    assert.deepEqual([member.messages, elsewhere.messages], [['here'], ['elsewhere']]);
  },

  'who does not listen can publish': async ({ subject, hear, until }) => {
    const member = await hear(await subject.second());
    await subject.bus.publish('m', { signal: new AbortController().signal });
    await until(() => member.messages.length > 0, 'the message has come');
  },
});
