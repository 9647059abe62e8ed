import { expect, test, vi } from 'vitest';
import { OperationTable } from '../../../src/profiler/operations/operation-table.ts';

function end(table: OperationTable, component: string, operation: string, took = 1): void {
  const record = table.get(component, operation, 0);
  record.begin();
  record.end(0, took, false);
}

test('what found no room is counted together, told once', () => {
  const onOverflow = vi.fn<(component: string, operation: string) => void>();
  const table = new OperationTable(2, onOverflow);
  end(table, 'a', 'x');
  end(table, 'a', 'y');
  for (let one = 0; one < 1000; one++) end(table, `c${one}`, 'z');
  end(table, 'a', 'x');
  expect(onOverflow.mock.calls).toEqual([['c0', 'z']]);
  const counts = table
    .read(0)
    .map(({ component, operation, count }) => [component, operation, count]);
  expect(counts).toHaveLength(3);
  expect(counts).toContainEqual(['__overflow__', '__overflow__', 1000]);
  expect(counts).toContainEqual(['a', 'x', 2]);
});

test('a name of a megabyte is not kept', () => {
  const onOverflow = vi.fn<(component: string, operation: string) => void>();
  const table = new OperationTable(10, onOverflow);
  end(table, 'a', 'x'.repeat(1e6));
  end(table, 'y'.repeat(257), 'x');
  end(table, 'z'.repeat(256), 'x');
  expect(table.read(0).map(({ component, count }) => [component.length, count])).toEqual([
    [12, 2],
    [256, 1],
  ]);
  expect(onOverflow).toHaveBeenCalledTimes(1);
});

test('the same operation of two components is two', () => {
  const table = new OperationTable(10, vi.fn<(component: string, operation: string) => void>());
  end(table, 'a', 'x');
  end(table, 'b', 'x');
  expect(table.read(0)).toHaveLength(2);
});

test('what took the most time comes first', () => {
  const table = new OperationTable(10, vi.fn<(component: string, operation: string) => void>());
  end(table, 'a', 'short', 5);
  end(table, 'a', 'long', 50);
  end(table, 'a', 'short', 6);
  expect(table.read(0).map(({ operation }) => operation)).toEqual(['long', 'short']);
});

test('names that objects have by themselves are names like others', () => {
  const table = new OperationTable(10, vi.fn<(component: string, operation: string) => void>());
  end(table, '__proto__', 'constructor');
  expect(table.read(0)[0]).toMatchObject({
    component: '__proto__',
    operation: 'constructor',
    count: 1,
  });
});
