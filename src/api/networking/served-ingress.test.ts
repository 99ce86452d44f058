import assert from 'node:assert/strict';
import { test } from 'node:test';
import { certificateSecrets } from './served-ingress.ts';
import type { Ingress } from './v1/types.ts';

const namesOf = (...names: (string | undefined)[]) => {
  const tls = names.map((secretName) => ({ ...(secretName !== undefined && { secretName }) }));
  const ingress: Ingress = { metadata: { name: 'web', namespace: 'shop' }, spec: { tls } };
  return certificateSecrets(ingress).map(({ namespace, name }) => `${namespace}/${name}`);
};

test('an Ingress shows each Secret that it names, once', () => {
  assert.deepEqual(namesOf('a', undefined, 'b', 'a', ''), ['shop/a', 'shop/b']);
});

test('of an Ingress that names any number, the first hundred are shown', () => {
  const many = Array.from({ length: 60_000 }, (_, at) => `cert-${at}`);
  const shown = namesOf(...many);
  assert.deepEqual([shown.length, shown.at(-1)], [100, 'shop/cert-99']);
});
