import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import type { EncryptionConfiguration, ProviderConfiguration } from './configuration.ts';
import { validateEncryptionConfiguration } from './validate-configuration.ts';

const secret = Buffer.alloc(32, 'a').toString('base64');
const identity: ProviderConfiguration = { identity: {} };
const aes = (...keys: { name: string; secret: string }[]): ProviderConfiguration => ({ aesgcm: { keys } });
const kms = (name: string, more: object = {}): ProviderConfiguration => ({
  kms: { apiVersion: 'v2', name, endpoint: 'unix:///run/kms.sock', ...more },
});
const of = (resources: string[], ...providers: ProviderConfiguration[]): EncryptionConfiguration => ({
  resources: [{ resources, providers }],
});

const rows: readonly [what: string, configuration: EncryptionConfiguration, ...errors: string[]][] = [
  ['one with a key', of(['secrets'], aes({ name: 'a', secret }), identity)],
  ['patterns that do not overlap', of(['secrets', '*.apps', 'widgets.example.com'], identity)],
  ['nothing', { resources: [] }, 'resources: Required value: at least one resources is required'],
  [
    'an empty element',
    { resources: [{ resources: [], providers: [] }] },
    'resources[0].resources: Required value: at least one resources[0].resources is required',
    'resources[0].providers: Required value: at least one resources[0].providers is required',
  ],
  [
    'a resource twice',
    of(['secrets', 'secrets'], identity),
    'resources[0].resources: Invalid value: ["secrets","secrets"]: the same resource cannot be specified multiple times',
  ],
  [
    'a resource and all of its group',
    of(['secrets', '*.'], identity),
    `resources[0].resources: Invalid value: ["secrets","*."]: using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked`,
  ],
  [
    'names that are none',
    of(['Secrets', 'apiserveripinfo', 'events.events.k8s.io', 'deployments.extensions', 'pods.*'], identity),
    'resources[0].resources[0]: Invalid value: "Secrets": resource name should not contain capital letters',
    'resources[0].resources[1]: Invalid value: "apiserveripinfo": resources which do not have REST API/s cannot be encrypted',
    `resources[0].resources[2]: Invalid value: "events.events.k8s.io": '*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file`,
    `resources[0].resources[3]: Invalid value: "deployments.extensions": 'extensions' group has been removed and cannot be used for encryption`,
    'resources[0].resources[4]: Invalid value: "pods.*": encrypting the same resource across groups is not supported',
  ],
  [
    'a star alone',
    of(['*'], identity),
    `resources[0].resources[0]: Invalid value: "*": use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources`,
  ],
  [
    'no provider in an element, and two in one, without a word of their keys',
    of(['secrets'], {}, { ...aes({ name: 'a', secret }), identity: {} }),
    'resources[0].providers[0]: Invalid value: provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
    'resources[0].providers[1]: Invalid value: more than one provider specified in a single element, should split into different list elements',
  ],
  [
    'keys',
    of(['secrets'], aes(), aes({ name: '', secret: '' }), aes({ name: 'a', secret: 'nonsense!' }), {
      secretbox: { keys: [{ name: 'a', secret: 'YQ==' }] },
    }),
    'resources[0].providers[0].aesgcm.keys: Required value: at least one keys is required',
    'resources[0].providers[1].aesgcm.keys[0].name: Required value: name is a mandatory field for a key',
    'resources[0].providers[1].aesgcm.keys[0].secret: Required value: secret is a mandatory field for a key',
    'resources[0].providers[2].aesgcm.keys[0].secret: Invalid value: "REDACTED": secrets must be base64 encoded',
    'resources[0].providers[3].secretbox.keys[0].secret: Invalid value: "REDACTED": secret is not of the expected length, got 1, expected one of [32]',
  ],
  [
    'KMS plugins',
    of(
      ['secrets'],
      kms('a:b', { timeout: '0s' }),
      kms('a', { endpoint: 'tcp://localhost' }),
      kms('a', { endpoint: '', cachesize: 1 }),
    ),
    `resources[0].providers[0].kms.name: Invalid value: "a:b": invalid KMS provider name a:b, must not contain ':'`,
    'resources[0].providers[0].kms.timeout: Invalid value: "0s": timeout should be a positive value',
    'resources[0].providers[1].kms.endpoint: Invalid value: "tcp://localhost": unsupported scheme "tcp" for KMS provider, only unix is supported',
    'resources[0].providers[2].kms.name: Invalid value: "a": duplicate KMS provider name a, names must be unique',
    'resources[0].providers[2].kms.endpoint: Invalid value: "": endpoint is a mandatory field for a kms',
    'resources[0].providers[2].kms.cachesize: Invalid value: 1: cachesize is not supported in v2',
  ],
];

for (const [what, configuration, ...errors] of rows)
  test(`${what}: ${errors.length === 0 ? 'is taken' : 'is refused'}`, () => {
    assert.deepEqual(validateEncryptionConfiguration(configuration).map(fieldErrorText), errors);
  });
