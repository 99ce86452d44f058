import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reloadMetrics } from '../apiserver/http/reload-metrics.ts';
import type { Reconfigured } from '../apiserver/reload/reconfiguration.ts';
import { ReloadTallies } from '../apiserver/reload/reload-tallies.ts';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import type { ReadConfiguration } from './api-configuration.ts';
import { keepConfigurationCurrent } from './configuration-reload.ts';

const reads = (text: string, more: Partial<ReadConfiguration> = {}): ReadConfiguration => ({
  text,
  configuration: { authorization: { authorizers: [] } },
  reviewServers: new Map(),
  ...more,
});

function setting() {
  const clock = new VirtualClock();
  const tallies = new ReloadTallies(clock);
  const stop = new AbortController();
  const applied: string[] = [];
  const told: string[] = [];
  const note = (level: string) => (text: string, data?: object) =>
    void told.push(`${level} ${text} ${JSON.stringify(data)}`);
  const log = { ...silentLogger, info: note('info'), warn: note('warn'), error: note('error') };
  const world = {
    clock,
    tallies,
    applied,
    told,
    file: reads('one') as ReadConfiguration | Error,
    results: [{ name: 'authorization' }] as Reconfigured[],
    change: () => {},
    metrics: () =>
      reloadMetrics(tallies, 'me')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('#')),
    async end() {
      stop.abort();
      await running;
      assert.equal(clock.pendingTimers, 0);
    },
  };
  const running = keepConfigurationCurrent(
    {
      name: '/api-config.yaml',
      first: reads('one'),
      read: () => (world.file instanceof Error ? Promise.reject(world.file) : Promise.resolve(world.file)),
      watch(onChange) {
        world.change = onChange;
        return { [Symbol.dispose]: () => {} };
      },
      apply({ text }) {
        applied.push(text);
        return Promise.resolve(world.results);
      },
    },
    tallies,
    { clock, log, signal: stop.signal },
  );
  return world;
}

test('a file that has changed is used a moment later', async () => {
  const world = setting();
  world.file = reads('two');
  world.change();
  await world.clock.advance(199);
  assert.deepEqual(world.applied, []);
  await world.clock.advance(1);
  assert.deepEqual(world.applied, ['two']);
  assert.deepEqual(world.told, [
    'info API configuration read again {"file":"/api-config.yaml","taken":["authorization"]}',
  ]);
  await world.end();
});

test('it is looked at each minute, for nobody may have told of a change', async () => {
  const world = setting();
  await world.clock.advance(60_000);
  assert.deepEqual(world.applied, []);
  world.file = reads('one', { reviewServers: new Map([['/kubeconfig', { url: 'https://other' }]]) });
  await world.clock.advance(60_000);
  await world.clock.advance(60_000);
  assert.deepEqual(world.applied, ['one']);
  await world.end();
});

test('a bad one is told once, counted once, and changes nothing', async () => {
  const world = setting();
  world.file = new Error('it is no YAML');
  world.change();
  await world.clock.advance(180_000);
  world.file = reads('one');
  await world.clock.advance(60_000);
  assert.deepEqual(world.applied, []);
  assert.deepEqual(world.told, [
    'error API configuration is not used, the one of before is {"file":"/api-config.yaml","error":"it is no YAML"}',
  ]);
  assert.equal(world.metrics().filter((line) => line.includes('reloads_total{status="failure"')).length, 3);
  await world.end();
});

test('what cannot be used yet is tried again', async () => {
  const world = setting();
  world.file = reads('two');
  world.results = [{ name: 'encryption', problem: 'the plugin is not well' }];
  await world.clock.advance(120_000);
  world.results = [{ name: 'encryption' }];
  await world.clock.advance(120_000);
  assert.deepEqual(world.applied, ['two', 'two', 'two']);
  assert.equal(world.told.length, 2);
  await world.end();
});

test('what only a start can change is told', async () => {
  const world = setting();
  world.results = [];
  world.file = reads('two', { configuration: { auditPolicy: { rules: [] } } });
  await world.clock.advance(120_000);
  assert.deepEqual(world.told, [
    'warn What is recorded changes when the server is started again {"file":"/api-config.yaml"}',
  ]);
  await world.end();
});

test('metrics tell what was read when, by the hash of its text', async () => {
  const world = setting();
  const id = 'apiserver_id_hash="sha256:2744ccd10c7533bd736ad890f9dd5cab2adb27b07d500b9493f29cdc420cb2e0"';
  assert.deepEqual(world.metrics(), [
    `apiserver_authorization_config_controller_last_config_info{${id},hash="sha256:7692c3ad3540bb803c020b3aee66cd8887123234ea0c6e7143c0add73ff431ed"} 1`,
  ]);
  world.file = reads('two');
  await world.clock.advance(60_000);
  assert.deepEqual(world.metrics(), [
    `apiserver_authorization_config_controller_automatic_reloads_total{status="success",${id}} 1`,
    `apiserver_authorization_config_controller_automatic_reload_last_timestamp_seconds{status="success",${id}} ${world.clock.now() / 1000}`,
    `apiserver_authorization_config_controller_last_config_info{${id},hash="sha256:3fc4ccfe745870e2c0d99f71f30ff0656c8dedd41cc1d7d3d376b0dbe685e2f3"} 1`,
  ]);
  await world.end();
});
