import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Heap } from './heap.ts';

test('items come out in order, whatever was pushed and taken out between', () => {
  const command = fc.oneof(
    fc.record({ do: fc.constant('push' as const), value: fc.integer({ min: 0, max: 20 }) }),
    fc.record({ do: fc.constant('pop' as const) }),
    fc.record({ do: fc.constant('delete' as const), place: fc.nat(30) }),
  );
  fc.assert(
    fc.property(fc.array(command, { maxLength: 80 }), (commands) => {
      const heap = new Heap<{ value: number }>((a, b) => a.value < b.value);
      const model: { value: number }[] = [];
      for (const step of commands) {
        if (step.do === 'push') {
          const item = { value: step.value };
          heap.push(item);
          model.push(item);
        } else if (step.do === 'pop') {
          const least = Math.min(...model.map((item) => item.value));
          const item = heap.pop();
          assert.equal(item?.value, model.length === 0 ? undefined : least);
          if (item !== undefined) model.splice(model.indexOf(item), 1);
        } else if (model.length > 0) {
          const [item] = model.splice(step.place % model.length, 1);
          assert.equal(heap.delete(item!), true);
          assert.equal(heap.delete(item!), false);
        }
        assert.equal(heap.size, model.length);
      }
    }),
  );
});

test('the same item cannot be in twice', () => {
  const heap = new Heap<string>((a, b) => a < b);
  heap.push('a');
  assert.throws(() => heap.push('a'), /in the heap already/);
});
