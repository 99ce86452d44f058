import assert from 'node:assert/strict';
import { it } from 'node:test';
import { KnownFields } from './known-fields.ts';
import { requestHead } from './request-head.ts';

const pseudo = [':method', 'GET', ':scheme', 'https', ':path', '/'];

it('knows the last value of a header, and not more letters than may be kept', () => {
  const known = new KnownFields();
  known.add('authorization', 'a');
  known.add('authorization', 'b');
  assert.deepEqual([known.has('authorization', 'a'), known.has('authorization', 'b')], [false, true]);
  known.add('long', 'x'.repeat(5000));
  assert.equal(known.has('long', 'x'.repeat(5000)), false);
  for (let count = 0; count < 1000; count++) known.add(`name-${count}`, 'x'.repeat(100));
  const kept = Array.from({ length: 1000 }, (_, count) => known.has(`name-${count}`, 'x'.repeat(100)));
  assert.ok(kept.filter(Boolean).length < 41);
});

it('a request reads the same whether its headers are known or not', () => {
  const known = new KnownFields();
  const fields = [...pseudo, 'accept', '*/*', 'accept', 'text/html', 'content-length', '3'];
  const first = requestHead(fields, known);
  assert.deepEqual(requestHead(fields, known), first);
  assert.deepEqual(requestHead(fields), first);
});

it('what is refused is refused again, and a known host is compared with each authority', () => {
  const known = new KnownFields();
  for (let time = 0; time < 2; time++)
    assert.throws(() => requestHead([...pseudo, 'connection', 'close'], known), /the request has a header/);
  requestHead([...pseudo, 'host', 'a'], known);
  const two = [...pseudo, ':authority', 'b', 'host', 'a'];
  assert.throws(() => requestHead(two, known), /two different authorities/);
});
