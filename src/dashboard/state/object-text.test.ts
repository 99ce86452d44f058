import assert from 'node:assert/strict';
import { test } from 'node:test';
import { objectYaml } from './object-text.ts';

const object = {
  kind: 'Pod',
  apiVersion: 'v1',
  metadata: { name: 'web', labels: { version: '1.0' }, managedFields: [{ manager: 'kubectl' }] },
};

test('the text of an object is that of kubectl, which leaves managed fields out', () => {
  const head = "apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    version: '1.0'\n";
  const text = objectYaml(object, { managedFields: false });
  assert.equal(text.replaceAll('"', "'"), `${head}  name: web\n`);
  assert.match(objectYaml(object, { managedFields: true }), /  managedFields:\n  - manager: kubectl\n  name: web\n/);
});
