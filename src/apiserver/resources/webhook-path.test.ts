import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { webhookPathErrors } from './webhook-path.ts';

const rows: readonly (readonly [path: string, complaints: readonly string[]])[] = [
  ['', []],
  ['/', []],
  ['/a/b.c/', []],
  ['//', ['segment[0] may not be empty']],
  ['/a//b', ['segment[1] may not be empty']],
  ['//a', ['segment[0] may not be empty']],
  ['a', ["must start with a '/'", 'segment[0] may not be empty']],
];

describe('the path of a webhook', () => {
  for (const [path, complaints] of rows)
    test(`${JSON.stringify(path)}: ${complaints.join(', ') || 'is right'}`, () => {
      assert.deepEqual(
        webhookPathErrors(path, 'path').map(fieldErrorText),
        complaints.map((one) => `path: Invalid value: ${JSON.stringify(path)}: ${one}`),
      );
    });

  test('its segments are names of domains', () => {
    const [error] = webhookPathErrors('/a/B', 'path');
    assert.match(error!.message, /"\/a\/B": segment\[1\]: a lowercase RFC 1123 subdomain must consist of/);
  });
});
