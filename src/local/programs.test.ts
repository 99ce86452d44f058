import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AdmissionSettings } from './admission-settings.ts';
import { newCluster } from './cluster-config.ts';
import { specForNodes } from './cluster-spec.ts';
import { chooseRanges } from './network-plan.ts';
import { serverConfig } from './programs.ts';

function server(admission?: AdmissionSettings) {
  const spec = { ...specForNodes(1), ...(admission && { admission }) };
  const { denyExternalIps, podSecurity } = serverConfig(
    { data: '/data', run: '/run' },
    newCluster('c', spec, { ranges: chooseRanges([]), ports: [], now: 0 }),
  );
  return { denyExternalIps, podSecurity };
}

test('Services get no external IPs, unless that was asked for', () => {
  assert.deepEqual(server(), { denyExternalIps: true, podSecurity: undefined });
  assert.deepEqual(server({ allowExternalIps: true }), { denyExternalIps: false, podSecurity: undefined });
});

test('the server reads the configuration of Kubernetes’ kinds where the cluster was given one', () => {
  const configOf = (hasApiConfig: boolean) => {
    const cluster = newCluster('c', specForNodes(1), { ranges: chooseRanges([]), ports: [], now: 0 });
    return serverConfig({ data: '/data', run: '/run' }, { ...cluster, hasApiConfig }).apiConfig;
  };
  assert.equal(configOf(false), undefined);
  assert.equal(configOf(true), '/data/clusters/c/api-config.yaml');
});

test('what Pod Security is to demand reaches the server', () => {
  const podSecurity = { exemptNamespaces: ['monitoring'] };
  assert.deepEqual(server({ podSecurity }), { denyExternalIps: true, podSecurity });
});
