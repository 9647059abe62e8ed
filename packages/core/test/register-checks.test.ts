import { describe, expect, it } from 'vitest';
import { ConfigError } from '../src/index.ts';
import { registerChecks } from '../src/testing.ts';

const checks = [
  { topic: 'reads', title: 'finds' },
  { topic: 'writes', title: 'stores' },
  { topic: 'reads', title: 'misses' },
];

describe('checks', () => {
  it('are registered by topic, in the order in which topics and checks come', async () => {
    const registered: string[] = [];
    const bodies: (() => Promise<void>)[] = [];
    const ran: string[] = [];
    registerChecks(
      'the store',
      checks,
      async ({ title }) => {
        ran.push(title);
      },
      {
        describe(name, body) {
          registered.push(name);
          body();
        },
        it(title, body) {
          registered.push(`- ${title}`);
          bodies.push(body);
        },
      },
    );
    expect(registered).toEqual(['the store', 'reads', '- finds', '- misses', 'writes', '- stores']);
    for (const body of bodies) await body();
    expect(ran).toEqual(['finds', 'misses', 'stores']);
  });

  it('are refused where there is no test runner', () => {
    const register = (): void => {
      registerChecks('the store', checks, async () => undefined, {});
    };
    expect(register).toThrow(ConfigError);
    expect(register).toThrow('describe');
  });
});
