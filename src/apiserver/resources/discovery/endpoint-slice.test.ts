import assert from 'node:assert/strict';
import { test } from 'node:test';
import { complaintsAbout } from '../../testing/definition.ts';
import { endpointSlice } from './endpoint-slice.ts';

const slice = (...endpoints: object[]) => ({ addressType: 'IPv4', endpoints });
const hinted = (hints: object) => slice({ addresses: ['10.1.2.3'], hints });
const subdomain =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

for (const [name, object, want] of [
  ['nothing', slice(), []],
  ['an address', slice({ addresses: ['10.1.2.3'] }), []],
  [
    'no addresses',
    slice({ addresses: null }),
    ['endpoints[0].addresses: Required value: must contain at least 1 address'],
  ],
  ['a zone without a name', hinted({ forZones: [{ name: '' }] }), []],
  [
    'a node without a name',
    hinted({ forNodes: [{ name: '' }] }),
    [`endpoints[0].hints.forNodes[0].name: Invalid value: "": ${subdomain}`],
  ],
] as const)
  test(`a slice of endpoints is checked: ${name}`, () =>
    assert.deepEqual(complaintsAbout(endpointSlice, object), want));
