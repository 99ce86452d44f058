import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm } from './aes-gcm.ts';
import { extendedNonceGcm } from './kms/extended-nonce.ts';
import { decodeEncryptedObject, encodeEncryptedObject } from './kms/encrypted-object.ts';
import { secretbox } from './secretbox.ts';
import type { Transformer } from './transformer.ts';

const random = new SeededRandom(7);
const key = Buffer.from('0123456789abcdef0123456789abcdef');
const place = '/registry/secrets/default/a';
const clear = '{"metadata":{"name":"a"}}';

/** What Kubernetes' own transformers made of the same value, with the same key, at the same place. */
const recorded: readonly [name: string, transformer: Transformer, stored: string][] = [
  [
    'AES-GCM of 256 bits',
    aesGcm(key, random),
    'Yv5EJr+7dSYTmXEdG3z4DnZndxh6gGBH/VWioAE1yU51QqzXaWLfp+MtVcrU0Rjd8yAwR2Y=',
  ],
  [
    'AES-GCM of 128 bits',
    aesGcm(key.subarray(0, 16), random),
    'XstPUQoC6ZKjXgT5tbHjY7DXbP4zDa+hyWtQR1bluwY5+CEDHHXrukWBHxVdWrl97+pt764=',
  ],
  ['AES-CBC', aesCbc(key, random), 'vB14qUlPt6pv2IQ/mMiLmZeiiEf/0heqndiC6zfP+/eBZ5glYbbrZTg/ZM7+KdPn'],
  [
    'secretbox',
    secretbox(key, random),
    'LwVTel0tszNFb+QwZVAcGJcZs5ZGIZf8cIOGHGlTw9SI/vNFUB2cbb0H1UqWPjqaXekqroT/+LLREA/Kncjo40o=',
  ],
  [
    'AES-GCM with a key for each value',
    extendedNonceGcm(key, random),
    'uK03drmutRZI5AkvkyIg4vPPBJbg/cil6Av7RmtIu81NovtO5ngjZAq+LqbXfHOlKPv736rpHl3fz+DeBu6ObgtWqew9Gr9NPZxYPDoKZDEbSr9YdA==',
  ],
];

for (const [name, transformer, stored] of recorded) {
  test(`${name} reads what Kubernetes has written, and what it writes itself`, async () => {
    const read = async (bytes: Uint8Array) =>
      Buffer.from((await transformer.fromStorage(bytes, place)).bytes).toString();
    assert.equal(await read(Buffer.from(stored, 'base64')), clear);
    const made = transformer.toStorage(Buffer.from(clear), place);
    assert.equal(await read(made), clear);
    assert.notDeepEqual(
      transformer.toStorage(Buffer.from(clear), place),
      made,
      'nothing is encrypted the same way twice',
    );
    assert.equal(await read(transformer.toStorage(Buffer.alloc(0), place)), '');
  });

  test(`${name} refuses what is too short or was changed`, async () => {
    const bytes = Buffer.from(stored, 'base64');
    const refuses = (what: Uint8Array) => assert.rejects(async () => transformer.fromStorage(what, place));
    await refuses(Buffer.alloc(0));
    await refuses(bytes.subarray(0, 20));
    bytes[bytes.length - 1]! ^= 1;
    await refuses(bytes);
  });
}

test('an encrypted object of a KMS is written as Kubernetes writes it', () => {
  const stored = Buffer.from('CgIJCBICazEaAwECAyISCg1hLmV4YW1wbGUuY29tEgFiKAE=', 'base64');
  const object = decodeEncryptedObject(stored);
  assert.deepEqual(
    { ...object, data: [...object.data], source: [...object.source], annotations: [...object.annotations.keys()] },
    { data: [9, 8], keyId: 'k1', source: [1, 2, 3], annotations: ['a.example.com'], sourceType: 1 },
  );
  assert.deepEqual(Buffer.from(encodeEncryptedObject(object)), stored);
});
