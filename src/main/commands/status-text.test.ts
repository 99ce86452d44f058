import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterStatus, NodeStatus } from '../../local/status.ts';
import { statusText } from './status-text.ts';

const paths = { data: '/data', logs: '/data/logs' };
const node: NodeStatus = {
  name: 'c-control-plane',
  role: 'control-plane',
  address: '10.0.0.2',
  on: true,
  ready: true,
  message: '',
};
const server = 'https://10.0.0.2:6443';

function lineOf(status: Partial<ClusterStatus>, label = 'State'): string | undefined {
  const whole: ClusterStatus = {
    name: 'c',
    state: 'running',
    serverReady: true,
    problems: [],
    nodes: [node],
    programs: [],
    ...status,
  };
  return statusText(whole, paths, 0)
    .split('\n')
    .find((line) => line.startsWith(`${label}:`));
}

const rows: readonly (readonly [what: string, status: Partial<ClusterStatus>, line: string])[] = [
  ['a cluster that is well', { server }, 'State:     running'],
  ['one that is stopped', { state: 'stopped' }, 'State:     stopped (start it again with "kubeling start --name c")'],
  [
    'the usual one that is stopped',
    { name: 'kubeling', state: 'stopped' },
    'State:     stopped (start it again with "kubeling start")',
  ],
  [
    'one that was never finished',
    { state: 'half-made', nodes: [] },
    'State:     half-made (remove it with "kubeling down --name c")',
  ],
  [
    'one whose control plane is turned off',
    { state: 'unwell', nodes: [{ ...node, on: false, ready: false }] },
    'State:     unwell (turn its control plane on again with "kubeling node start c-control-plane --name c")',
  ],
  [
    'one in which something is not ready',
    { state: 'unwell', nodes: [{ ...node, ready: false }] },
    'State:     unwell (the supervisor is at work; if it stays so, see the logs in /data/logs)',
  ],
];

describe('the status of a cluster says what to do about', () => {
  for (const [what, status, line] of rows) it(what, () => assert.equal(lineOf(status), line));
});

it('nodes and programs are listed with their states', () => {
  const programs = [
    { name: 'server', pid: 7, startTime: 1, since: '1970-01-01T00:00:00Z', restarts: 2, running: true },
  ];
  const nodes = [{ ...node, ready: false, message: 'starting' }];
  const text = statusText(
    {
      name: 'c',
      state: 'unwell',
      server,
      serverReady: false,
      problems: ['the disk of /data is full'],
      nodes,
      programs,
    } as ClusterStatus,
    paths,
    5000,
  );
  assert.match(
    text,
    /\nServer: {4}https:\/\/10\.0\.0\.2:6443 \(not ready\)\nFiles: {5}\/data\nProblem: {3}the disk of \/data is full\n\n/,
  );
  assert.match(text, /\nc-control-plane +control-plane +NotReady +10\.0\.0\.2 +starting\n/);
  assert.match(text, /\nserver +running +7 +5s +2\n/);
});

const claim = {
  kind: 'PersistentVolumeClaim',
  namespace: 'n',
  name: 'data',
  since: '1970-01-01T00:00:00Z',
  why: 'no\nvolume',
} as const;
const objects: readonly (readonly [what: string, status: Partial<ClusterStatus>, line: string | undefined])[] = [
  ['of which all were read and none is stuck', { troubles: [] }, 'Objects:   everything is well'],
  ['that could not be read', {}, 'Objects:   not all could be read'],
  ['in a cluster that is not well itself', { state: 'unwell', troubles: [] }, 'Objects:   none is stuck'],
  ['on a full disk', { problems: ['full'], troubles: [] }, 'Objects:   none is stuck'],
  ['of which one is stuck', { troubles: [claim] }, 'Objects:   1 stuck'],
  ['that nobody can be asked for', { serverReady: false }, undefined],
];
describe('the status of a cluster tells of objects', () => {
  for (const [what, status, line] of objects) it(what, () => assert.equal(lineOf(status, 'Objects'), line));
});

it('what is stuck is listed with its reason in one line', () => {
  const status = {
    name: 'c',
    state: 'running',
    serverReady: true,
    problems: [],
    troubles: [claim],
    nodes: [],
    programs: [],
  } as const;
  assert.match(statusText(status, paths, 90_000), /\nPersistentVolumeClaim +n +data +90s +no volume\n/);
});
