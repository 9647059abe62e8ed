import * as nodeTest from 'node:test';
import * as vitest from 'vitest';
import {
  describeCacheStore,
  type DescribeCacheStoreOptions,
} from '../../src/testing/describe-cache-store.ts';
import type { TestRunner } from '@perf/core/testing';
import type { CreateStoreSubject } from '../../src/testing/suite/store-check.ts';

const { expectTypeOf, it } = vitest;

it('takes the functions of vitest and of node:test', () => {
  expectTypeOf(vitest).toExtend<TestRunner>();
  expectTypeOf(nodeTest).toExtend<TestRunner>();
});

it('needs to know the capabilities', () => {
  const create = {} as CreateStoreSubject;
  // @ts-expect-error the capabilities are missing
  void (() => describeCacheStore('a store', create, { describe: vitest.describe, it }));
  expectTypeOf<DescribeCacheStoreOptions>().toHaveProperty('capabilities');
});
