import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deployments } from '../../api/apps/v1/types.ts';
import { ConfigMaps } from '../../api/core/v1/types.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { checkAppliedKind, checkKind } from './kind-check.ts';

const inScheme = 'in scheme "pkg/api/legacyscheme/scheme.go:30"';

const bodies: { body: { kind?: string; apiVersion?: string }; type?: ResourceType; custom?: boolean; want?: string }[] =
  [
    { body: {} },
    { body: { kind: 'ConfigMap' } },
    { body: { kind: '', apiVersion: '' } },
    {
      body: { kind: 'Pod', apiVersion: 'v1' },
      want: 'Pod in version "v1" cannot be handled as a ConfigMap: converting (v1.Pod) to (core.ConfigMap): unknown conversion',
    },
    {
      body: { kind: 'Deployment', apiVersion: 'apps/v1' },
      want: 'Deployment in version "v1" cannot be handled as a ConfigMap: converting (v1.Deployment) to (core.ConfigMap): unknown conversion',
    },
    {
      body: { kind: 'Foo' },
      want: `Foo in version "v1" cannot be handled as a ConfigMap: no kind "Foo" is registered for version "v1" ${inScheme}`,
    },
    {
      body: { apiVersion: 'v2' },
      want: `ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" ${inScheme}`,
    },
    {
      type: Deployments,
      body: { apiVersion: 'apps/v1beta1', kind: 'Deployment' },
      want: 'the API version in the data (apps/v1beta1) does not match the expected API version (apps/v1)',
    },
    {
      custom: true,
      body: { apiVersion: 'other.example.com/v1' },
      want: 'the API version in the data (other.example.com/v1) does not match the expected API version (v1)',
    },
  ];
for (const { body, type = ConfigMaps, custom = false, want } of bodies)
  test(`${JSON.stringify(body)} as a ${type.kind}`, () => {
    const object = { ...body };
    if (want === undefined) checkKind(object, type, !custom);
    else assert.throws(() => checkKind(object, type, !custom), { message: want });
    if (want === undefined) assert.deepEqual(object, { kind: 'ConfigMap', apiVersion: 'v1' });
  });

for (const [configuration, want] of [
  [{ kind: 'Secret', apiVersion: 'v1' }, '/v1, Kind=Secret'],
  [{ kind: 'ConfigMap', apiVersion: 'apps/v1' }, 'apps/v1, Kind=ConfigMap'],
  [{}, '/, Kind='],
  [{ kind: 'ConfigMap', apiVersion: {} }, '/, Kind=ConfigMap'],
  [{ kind: null, apiVersion: 1e300 }, '/, Kind='],
  [{ kind: ['ConfigMap'], apiVersion: 'v1' }, '/v1, Kind='],
  [{ kind: 'ConfigMap', apiVersion: 'a/b/v1' }, '/, Kind=ConfigMap'],
] as const)
  test(`${JSON.stringify(configuration)} applied as a ConfigMap`, () =>
    assert.throws(() => checkAppliedKind(configuration, ConfigMaps), { message: `invalid object type: ${want}` }));
