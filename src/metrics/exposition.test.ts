import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { readExposition } from './exposition.ts';

const rows: { text: string; want: unknown[] }[] = [
  { text: '# HELP a b\n# TYPE a counter\n\n', want: [] },
  { text: 'a 1', want: [{ name: 'a', labels: {}, value: 1, at: undefined }] },
  { text: 'a{} 1.5e+09 1700000000123\n', want: [{ name: 'a', labels: {}, value: 1.5e9, at: 1700000000123 }] },
  {
    text: 'a{b="x,}",c="y\\"\\\\\\n",} +Inf',
    want: [{ name: 'a', labels: { b: 'x,}', c: 'y"\\\n' }, value: Infinity, at: undefined }],
  },
  { text: 'a { b = "c" }  -2 ', want: [{ name: 'a', labels: { b: 'c' }, value: -2, at: undefined }] },
];
for (const { text, want } of rows)
  test(`reads ${JSON.stringify(text)}`, () => assert.deepEqual([...readExposition(text)], want));

for (const text of ['a', 'a{b} 1', 'a{b="c} 1', 'a x', '{a="b"} 1', 'a 1 2 3'])
  test(`refuses ${JSON.stringify(text)}`, () =>
    assert.throws(() => [...readExposition(text)], { message: `Cannot read metrics: "${text}" is no value` }));

test('what a Prometheus client writes can be read', async () => {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'c', help: 'with \\ and\nnewline', labelNames: ['l'], registers }).inc({ l: 'a"b\\c\nd' }, 3);
  new Gauge({ name: 'g', help: 'g', registers }).set(-0.25);
  new Histogram({ name: 'h', help: 'h', buckets: [1], registers }).observe(2);
  const values = [...readExposition(await registry.metrics())];
  assert.deepEqual(
    values.map(({ name, labels, value }) => [name, labels, value]),
    [
      ['c', { l: 'a"b\\c\nd' }, 3],
      ['g', {}, -0.25],
      ['h_bucket', { le: '1' }, 0],
      ['h_bucket', { le: '+Inf' }, 1],
      ['h_sum', {}, 2],
      ['h_count', {}, 1],
    ],
  );
});
