import { expect, test } from 'vitest';
import { signalSwitches } from '../../src/signals/signal.ts';

test('signals are on unless they are switched off', () => {
  expect(signalSwitches('x', { gc: false })).toEqual({
    cpu: true,
    memory: true,
    io: true,
    network: true,
    eventLoop: true,
    gc: false,
  });
});

test('what is no signal, or no switch, is refused', () => {
  expect(() => signalSwitches('x', { disk: true } as object)).toThrow('x.disk');
  expect(() => signalSwitches('x', { cpu: 1 } as object)).toThrow('x.cpu must be true or false');
});
