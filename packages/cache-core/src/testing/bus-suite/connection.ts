import assert from 'node:assert/strict';
import { deadlineSignal, systemClock } from '@perf/core';
import { busChecksOf, type BusCheck } from './bus-check.ts';
import { BusHearer } from './bus-hearer.ts';

export const CONNECTION_CHECKS: readonly BusCheck[] = busChecksOf('connection', {
  'what is published once it hears is heard': async ({ subject, hear, until }) => {
    const other = await hear(await subject.second());
    const member = await hear(subject.bus);
    await other.publish('m');
    await until(() => member.messages.length > 0, 'the message has come');
    assert.deepEqual(
      [member.messages, member.connections, member.disconnections, member.inOrder],
      [['m'], 1, 0, true],
    );
  },

  'asked to reconnect, it says that it does not hear and then that it does, and hears': async ({
    subject,
    hear,
    until,
  }) => {
    const member = await hear(subject.bus);
    const other = await hear(await subject.second());
    assert.ok(subject.bus.reconnect !== undefined, 'the bus has no reconnect');
    subject.bus.reconnect();
    await until(() => member.connections === 2, 'it has connected anew');
    assert.deepEqual([member.disconnections, member.hears], [1, true]);
    await other.publish('m');
    await until(() => member.messages.length > 0, 'the message has come');
    assert.deepEqual([member.messages, member.inOrder], [['m'], true]);
  },

  'a publication whose time is over before it begins rejects, and is not published': async ({
    subject,
    hear,
    until,
  }) => {
    const member = await hear(subject.bus);
    const signal = AbortSignal.abort(new Error('too late'));
    await assert.rejects(member.bus.publish('late', { signal }));
    await member.publish('m');
    await until(() => member.messages.includes('m'), 'the next message has come');
    assert.deepEqual(member.messages, ['m']);
  },

  'closed, it tells nothing any more and publishes nothing': async ({ subject, hear, until }) => {
    const member = await hear(subject.bus);
    const other = await hear(await subject.second());
    await member.bus.close();
    const { disconnections } = member;
    await other.publish('m');
    await until(() => other.messages.length > 0, 'the message has come to the other one');
    await assert.rejects(member.publish('late'));
    await other.publish('last');
    await until(() => other.messages.includes('last'), 'the last message has come');
    assert.deepEqual([member.messages, other.messages], [[], ['m', 'last']]);
    assert.equal(member.disconnections, disconnections);
  },

  'it can be closed again, at once, and without having been opened': async ({ subject, hear }) => {
    const member = await hear(subject.bus);
    await Promise.all([member.bus.close(), member.bus.close()]);
    await member.bus.close();
    const unopened = await subject.second();
    await unopened.close();
    const justOpened = await subject.second();
    const hearer = new BusHearer(justOpened);
    await justOpened.close();
    assert.equal(hearer.messages.length, 0);
  },
});

/** For those that can be cut. */
export const LOSS_CHECKS: readonly BusCheck[] = busChecksOf('connection', {
  'a lost connection is told, and the next one, on which it hears': async ({
    subject,
    hear,
    until,
  }) => {
    const member = await hear(subject.bus);
    const isOffered = subject.cut !== undefined && subject.restore !== undefined;
    assert.ok(isOffered, 'create() must offer cut() and restore()');
    await subject.cut?.();
    await until(() => member.disconnections === 1, 'the loss is told');
    await subject.restore?.();
    await until(() => member.connections === 2, 'it has connected anew');
    const other = await hear(await subject.second());
    await other.publish('m');
    await until(() => member.messages.includes('m'), 'the message has come');
    assert.deepEqual([member.disconnections, member.inOrder], [1, true]);
  },
});

/** For those that may have no medium. */
export const UNREACHABLE_CHECKS: readonly BusCheck[] = busChecksOf('connection', {
  'without a medium it opens without a sound, a publication rejects in time, and it closes':
    async ({ subject }) => {
      const bus = await subject.unreachable?.();
      assert.ok(bus !== undefined, 'create() must offer unreachable()');
      const hearer = new BusHearer(bus);
      const { signal, release } = deadlineSignal(systemClock, 'publish', 1000);
      await assert.rejects(bus.publish('m', { signal })).finally(release);
      assert.deepEqual([hearer.connections, hearer.disconnections], [0, 0]);
      bus.reconnect?.();
      await bus.close();
    },
});
