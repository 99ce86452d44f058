import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secretsOfIngress } from './served-ingress.ts';
import type { Ingress } from './v1/types.ts';

const namesOf = (...names: (string | undefined)[]) => {
  const tls = names.map((secretName) => ({ ...(secretName !== undefined && { secretName }) }));
  const ingress: Ingress = { metadata: { name: 'web', namespace: 'shop' }, spec: { tls } };
  return secretsOfIngress(ingress).map(({ namespace, name }) => `${namespace}/${name}`);
};

test('an Ingress shows each Secret that it names, once', () => {
  assert.deepEqual(namesOf('a', undefined, 'b', 'a', ''), ['shop/a', 'shop/b']);
});

test('of an Ingress that names any number, the first hundred are shown', () => {
  const many = Array.from({ length: 60_000 }, (_, at) => `cert-${at}`);
  const shown = namesOf(...many);
  assert.deepEqual([shown.length, shown.at(-1)], [100, 'shop/cert-99']);
});

test('users and what its backends are asked with come from Secrets of its own namespace', () => {
  const secretsOf = (annotations: Record<string, string>) =>
    secretsOfIngress({
      metadata: {
        name: 'web',
        namespace: 'shop',
        annotations: Object.fromEntries(
          Object.entries(annotations).map(([name, value]) => [`nginx.ingress.kubernetes.io/${name}`, value]),
        ),
      },
      spec: { tls: [{ secretName: 'cert' }] },
    }).map(({ namespace, name }) => `${namespace}/${name}`);
  assert.deepEqual(secretsOf({ 'auth-secret': ' users ', 'proxy-ssl-secret': 'shop/ca' }), [
    'shop/users',
    'shop/ca',
    'shop/cert',
  ]);
  for (const foreign of ['other/users', 'a/shop/users', 'users,metadata.namespace=other', '../users', ''])
    assert.deepEqual(secretsOf({ 'auth-secret': foreign }), ['shop/cert'], foreign);
});
