import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerPort } from '../../../../api/core/v1/types.ts';
import { portWarnings } from './port-warnings.ts';

const warnings = (ports: ContainerPort[]) => portWarnings({ containers: [{ name: 'a', image: 'i', ports }] }, 'spec');

test('a port that is declared twice is told with the first', () => {
  const port: ContainerPort = { containerPort: 80, protocol: 'TCP' };
  assert.deepEqual(warnings([port, { ...port, containerPort: 81 }, port]), [
    'spec.containers[0].ports[2]: duplicate port definition with spec.containers[0].ports[0]',
  ]);
});

test('of ten thousand equal ports a thousand pairs are told', () => {
  const ports = Array.from({ length: 10_000 }, (): ContainerPort => ({ containerPort: 80, protocol: 'TCP' }));
  const texts = warnings(ports);
  assert.equal(texts.length, 1000);
  assert.equal(texts[0], 'spec.containers[0].ports[1]: duplicate port definition with spec.containers[0].ports[0]');
});
