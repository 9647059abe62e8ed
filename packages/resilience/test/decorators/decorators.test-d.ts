import { expectTypeOf, test } from 'vitest';
import { applyPolicy, circuitBreaker, resilient, timeLimited } from '../../src/decorators.ts';
import { timeout } from '../../src/index.ts';

test('a decorated method has the type that was written', () => {
  class Users {
    @circuitBreaker({ failureRate: 0.5 })
    @timeLimited({ after: '2s' })
    async find(id: number, options?: { readonly deep: boolean }): Promise<string> {
      return `${id} ${options?.deep}`;
    }
  }
  expectTypeOf<Users['find']>().toEqualTypeOf<
    (id: number, options?: { readonly deep: boolean }) => Promise<string>
  >();
});

test('a method that returns no promise cannot be decorated', () => {
  class Users {
    // @ts-expect-error -- the decorated one would return a promise
    @circuitBreaker()
    find(id: number): string {
      return `${id}`;
    }
  }
  expectTypeOf<Users>().toBeObject();
});

test('what `pass` returns must be the arguments of the method', () => {
  class Users {
    // @ts-expect-error -- an id is a number
    @resilient(timeout({ after: 5 }), { pass: (_, id: string) => [id] })
    async find(id: number): Promise<string> {
      return `${id}`;
    }
  }
  expectTypeOf<Users>().toBeObject();
});

test('applyPolicy keeps the type of the function', () => {
  const find = applyPolicy(timeout({ after: 5 }), (id: number): string => `${id}`);
  expectTypeOf(find).toBeCallableWith(5);
  expectTypeOf(find).returns.resolves.toBeString();
});
