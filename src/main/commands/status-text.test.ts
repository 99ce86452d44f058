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

function stateLine(status: Partial<ClusterStatus>): string | undefined {
  const whole: ClusterStatus = {
    name: 'c',
    state: 'running',
    serverReady: true,
    nodes: [node],
    programs: [],
    ...status,
  };
  return statusText(whole, paths, 0)
    .split('\n')
    .find((line) => line.startsWith('State:'));
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
  for (const [what, status, line] of rows) it(what, () => assert.equal(stateLine(status), line));
});

it('nodes and programs are listed with their states', () => {
  const programs = [
    { name: 'server', pid: 7, startTime: 1, since: '1970-01-01T00:00:00Z', restarts: 2, running: true },
  ];
  const nodes = [{ ...node, ready: false, message: 'starting' }];
  const text = statusText(
    { name: 'c', state: 'unwell', server, serverReady: false, nodes, programs } as ClusterStatus,
    paths,
    5000,
  );
  assert.match(text, /\nServer: {4}https:\/\/10\.0\.0\.2:6443 \(not ready\)\nFiles: {5}\/data\n/);
  assert.match(text, /\nc-control-plane +control-plane +NotReady +10\.0\.0\.2 +starting\n/);
  assert.match(text, /\nserver +running +7 +5s +2\n/);
});
