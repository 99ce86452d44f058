import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ManagedFieldsEntry } from '../object.ts';
import { entriesFromScale, entriesOfScale } from './scale.ts';

const entry = (
  manager: string,
  fieldsV1: ManagedFieldsEntry['fieldsV1'],
  more: Partial<ManagedFieldsEntry> = {},
): ManagedFieldsEntry => ({
  manager,
  operation: 'Apply',
  apiVersion: 'apps/v1',
  fieldsType: 'FieldsV1',
  fieldsV1,
  ...more,
});
const replicas = { 'f:spec': { 'f:replicas': {} } };
const entries = [
  entry('alice', { 'f:spec': { 'f:replicas': {}, 'f:selector': {} } }),
  entry('bob', { 'f:spec': { 'f:paused': {} } }),
];

test('a Scale has the managers that own the number of replicas', () => {
  assert.deepEqual(entriesOfScale(entries), [entry('alice', replicas)]);
  assert.deepEqual(entriesOfScale(undefined), []);
});

test('who took the replicas in the Scale owns them in the object', () => {
  const scaler = entry('scaler', replicas, {
    apiVersion: 'autoscaling/v1',
    subresource: 'scale',
    time: '2024-01-01T00:00:00Z',
  });
  assert.deepEqual(entriesFromScale(entries, [scaler], 'apps/v1'), [
    entry('alice', { 'f:spec': { 'f:selector': {} } }),
    entry('bob', { 'f:spec': { 'f:paused': {} } }),
    entry('scaler', replicas, { subresource: 'scale' }),
  ]);
});

test('nothing changes when the owners stay', () => {
  assert.deepEqual(entriesFromScale(entries, entriesOfScale(entries), 'apps/v1'), entries);
});
