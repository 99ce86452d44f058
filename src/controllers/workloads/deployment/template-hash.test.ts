import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { PodTemplateSpec } from '../../../api/core/v1/types.ts';
import { equalTemplates, templateHash, templateHashLabel } from './template-hash.ts';

const template: PodTemplateSpec = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'app', image: 'v1' }] },
};

test('equal templates have equal hashes, whatever the order of fields and whether they carry a hash', () => {
  const other = {
    spec: { containers: [{ image: 'v1', name: 'app' }], hostname: undefined },
    metadata: { labels: { [templateHashLabel]: 'x', app: 'web' } },
  };
  assert.ok(equalTemplates(template, other));
  assert.equal(templateHash(template), templateHash(other));
});

test('another template, or a collision, has another hash', () => {
  const other = { ...template, spec: { containers: [{ name: 'app', image: 'v2' }] } };
  assert.equal(equalTemplates(template, other), false);
  assert.notEqual(templateHash(template), templateHash(other));
  assert.notEqual(templateHash(template), templateHash(template, 1));
});

test('a hash is a label value that spells nothing', () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(5), (image, collisions) => {
      const hash = templateHash({ ...template, spec: { containers: [{ name: 'a', image }] } }, collisions);
      assert.match(hash, /^[b-df-hj-np-tv-xz2456789]{1,10}$/);
    }),
  );
});
