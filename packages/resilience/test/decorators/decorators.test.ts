import { getEventListeners } from 'node:events';
import { ConfigError, createDeferred, type Policy } from '@perf/core';
import { ManualClock, settle } from '@perf/core/testing';
import { describe, expect, it } from 'vitest';
import {
  adaptivelyLimited,
  applyPolicy,
  circuitBreaker,
  concurrencyLimited,
  hedged,
  rateLimited,
  resilient,
  retry,
  timeLimited,
} from '../../src/decorators.ts';
import { circuitBreaker as breaker, timeout } from '../../src/index.ts';

interface CallOptions {
  readonly signal?: AbortSignal;
}

const rejection = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a decorated method', () => {
  it('keeps its arguments, its this, its name and its result', async () => {
    class Shop {
      readonly #price = 2;
      @circuitBreaker()
      async total(count: number, tax = 0): Promise<number> {
        return this.#price * count + tax;
      }
    }
    const shop = new Shop();
    expect(await shop.total(3)).toBe(6);
    expect(await shop.total(3, 1)).toBe(7);
    expect(shop.total.name).toBe('total');
  });

  it('may be static, or private, or have a symbol for its name', async () => {
    const key = Symbol('load');
    class Shop {
      @circuitBreaker({ consecutiveFailures: 1 })
      static async open(): Promise<string> {
        return 'open';
      }
      @circuitBreaker()
      async #secret(): Promise<string> {
        return 'secret';
      }
      @circuitBreaker({ consecutiveFailures: 1 })
      async [key](): Promise<string> {
        throw new Error('down');
      }
      tell(): Promise<string> {
        return this.#secret();
      }
    }
    expect(await Shop.open()).toBe('open');
    expect(await new Shop().tell()).toBe('secret');
    await rejection(new Shop()[key]());
    expect(await rejection(new Shop()[key]())).toMatchObject({ breaker: 'load' });
  });

  it('runs under several, the outermost first', async () => {
    const order: string[] = [];
    const tracing = (name: string): Policy => ({
      async execute(fn) {
        order.push(name);
        return fn({ signal: new AbortController().signal });
      },
    });
    class Shop {
      @resilient(tracing('outer'))
      @resilient(tracing('inner'))
      async buy(): Promise<void> {
        order.push('method');
      }
    }
    await new Shop().buy();
    expect(order).toEqual(['outer', 'inner', 'method']);
  });
});

describe('@circuitBreaker', () => {
  it('is shared by all instances, and named after the method', async () => {
    class Payments {
      @circuitBreaker({ consecutiveFailures: 2 })
      async pay(): Promise<void> {
        throw new Error('down');
      }
    }
    await rejection(new Payments().pay());
    await rejection(new Payments().pay());
    expect(await rejection(new Payments().pay())).toMatchObject({
      code: 'PERF_CIRCUIT_OPEN',
      breaker: 'pay',
    });
  });

  it('is each instance’s own with the scope of instances', async () => {
    class Payments {
      @circuitBreaker({ consecutiveFailures: 1, name: 'payments' }, { scope: 'instance' })
      async pay(): Promise<void> {
        throw new Error('down');
      }
    }
    const [one, other] = [new Payments(), new Payments()];
    await rejection(one.pay());
    expect(await rejection(one.pay())).toMatchObject({ breaker: 'payments' });
    expect(await rejection(other.pay())).toEqual(new Error('down'));
  });

  it('may be a breaker that somebody else watches', async () => {
    const shared = breaker({ name: 'shared' });
    class Payments {
      @circuitBreaker(shared)
      async pay(): Promise<void> {
        await settle();
      }
    }
    await new Payments().pay();
    expect(shared.snapshot().totals.succeeded).toBe(1);
  });
});

describe('@rateLimited', () => {
  it('refuses what comes too often', async () => {
    class Mail {
      @rateLimited({ rate: 1, burst: 2, clock: new ManualClock() })
      async send(): Promise<string> {
        return 'sent';
      }
    }
    const mail = new Mail();
    expect([await mail.send(), await mail.send()]).toEqual(['sent', 'sent']);
    expect(await rejection(mail.send())).toMatchObject({ code: 'PERF_RATE_LIMITED' });
  });
});

describe('@retry', () => {
  it('calls the method again, with the same arguments and this', async () => {
    const clock = new ManualClock();
    class Mail {
      readonly sent: string[] = [];
      @retry({ clock, random: () => 0.5, retryIf: () => true })
      async send(text: string): Promise<number> {
        this.sent.push(text);
        if (this.sent.length < 3) throw new Error('busy');
        return this.sent.length;
      }
    }
    const mail = new Mail();
    const sending = mail.send('hello');
    await clock.advanceAsync(10_000);
    expect(await sending).toBe(3);
    expect(mail.sent).toEqual(['hello', 'hello', 'hello']);
  });
});

describe('@concurrencyLimited', () => {
  it('lets so many calls run at once, of all instances, and refuses what cannot wait', async () => {
    const gate = createDeferred();
    let most = 0;
    let running = 0;
    class Report {
      @concurrencyLimited({ limit: 2, maxQueue: 1 })
      async make(): Promise<string> {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        return 'made';
      }
    }
    const calls = [new Report().make(), new Report().make(), new Report().make()];
    expect(await rejection(new Report().make())).toMatchObject({ code: 'PERF_BULKHEAD_FULL' });
    gate.resolve();
    expect(await Promise.all(calls)).toEqual(['made', 'made', 'made']);
    expect(most).toBe(2);
  });
});

describe('@timeLimited', () => {
  it('hands its signal to the method by `pass`, and takes the caller’s by `call`', async () => {
    const clock = new ManualClock();
    const seen: AbortSignal[] = [];
    class Search {
      @timeLimited(
        { after: 100, clock },
        {
          call: (_text: string, options?: CallOptions) => options,
          pass: ({ signal }, text, options) => [text, { ...options, signal }],
        },
      )
      async find(text: string, { signal }: CallOptions = {}): Promise<string> {
        if (signal !== undefined) seen.push(signal);
        return new Promise((_, reject) => {
          signal?.addEventListener('abort', () => {
            reject(new Error(`${text} was given up`));
          });
        });
      }
    }
    const slow = rejection(new Search().find('slow'));
    await clock.advanceAsync(100);
    expect(await slow).toMatchObject({ code: 'PERF_TIMEOUT' });
    expect(seen[0]?.aborted).toBe(true);

    const controller = new AbortController();
    const left = rejection(new Search().find('left', { signal: controller.signal }));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await left).toBe(reason);
    expect(seen[1]?.reason).toBe(reason);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('rejects when `call` throws', async () => {
    class Search {
      @timeLimited(
        { after: 100 },
        {
          call: () => {
            throw new RangeError('broken');
          },
        },
      )
      async find(): Promise<string> {
        return 'found';
      }
    }
    expect(await rejection(new Search().find())).toEqual(new RangeError('broken'));
  });
});

describe('@hedged and @adaptivelyLimited', () => {
  it('work on methods too', async () => {
    const clock = new ManualClock();
    let calls = 0;
    class Replica {
      @adaptivelyLimited()
      @hedged({ delay: 10, clock })
      async read(): Promise<number> {
        calls++;
        return calls === 1 ? new Promise(() => undefined) : calls;
      }
    }
    const read = new Replica().read();
    await clock.advanceAsync(10);
    expect(await read).toBe(2);
  });
});

describe('what is not right is refused when the class is made', () => {
  it.each([
    ['options of the policy', () => timeLimited({ after: 0 }), 'timeout.after'],
    ['an option that does not exist', () => timeLimited({ afer: 5 } as never), 'afer'],
  ])('%s', (_, make, message) => {
    expect(() => {
      class Search {
        @make()
        async find(): Promise<void> {
          await settle();
        }
      }
      return Search;
    }).toThrow(message);
  });

  it.each([
    ['circuitBreaker.scope', () => circuitBreaker({}, { scope: 'object' as never })],
    ['circuitBreaker.scope', () => circuitBreaker(breaker(), { scope: 'instance' })],
    ['circuitBreaker.call', () => circuitBreaker({}, { call: 5 as never })],
    ['circuitBreaker.pass', () => circuitBreaker({}, { pass: 5 as never })],
    ['circuitBreaker.key', () => circuitBreaker({}, { key: 5 } as never)],
  ])('%s', (option, make) => {
    expect(make).toThrow(ConfigError);
    expect(make).toThrow(option);
  });

  it('something that is no policy', () => {
    expect(() => {
      class Search {
        @resilient({} as never)
        async find(): Promise<void> {
          await settle();
        }
      }
      return Search;
    }).toThrow('@resilient must be given a policy');
  });

  it('a compiler with experimental decorators', () => {
    const decorate = circuitBreaker() as unknown as (...args: unknown[]) => unknown;
    expect(() => decorate({}, 'find', { value: async () => undefined })).toThrow(
      'without experimentalDecorators',
    );
  });
});

describe('applyPolicy', () => {
  it('wraps a function as decorators do methods', async () => {
    const clock = new ManualClock();
    const found = applyPolicy(
      timeout({ after: 100, clock }),
      async function find(this: { prefix: string }, text: string, options?: CallOptions) {
        return `${this.prefix}${text} ${options?.signal?.aborted}`;
      },
      { pass: ({ signal }, text, options) => [text, { ...options, signal }] },
    );
    expect(await found.call({ prefix: '> ' }, 'a')).toBe('> a false');
    expect(found.name).toBe('find');
  });
});
