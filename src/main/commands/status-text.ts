import { defaultCluster } from '../../local/cluster-config.ts';
import type { ClusterPaths } from '../../local/paths.ts';
import type { ClusterStatus, NodeStatus } from '../../local/status.ts';
import { age, table } from './output.ts';

const mostTroubles = 20;

/** How a cluster is, for people; `now` is wall time in milliseconds. */
export function statusText(
  status: ClusterStatus,
  { data, logs }: Pick<ClusterPaths, 'data' | 'logs'>,
  now: number,
): string {
  const { name, state, server, serverReady, problems, troubles = [], nodes, programs } = status;
  const advice = adviceOn(status, logs);
  const lines = [`Cluster:   ${name}`, `State:     ${state}${advice === '' ? '' : ` (${advice})`}`];
  if (server !== undefined) lines.push(`Server:    ${server} (${serverReady ? 'ready' : 'not ready'})`);
  if (state !== 'half-made') lines.push(`Files:     ${data}`);
  for (const problem of problems) lines.push(`Problem:   ${problem}`);
  if (serverReady) lines.push(`Objects:   ${objectsText(status)}`);
  const nodeRows = nodes.map((node) => [
    node.name,
    node.role,
    stateOf(node),
    node.address,
    node.ready ? '' : node.message,
  ]);
  const programRows = programs.map(({ name: program, pid, running, since, restarts }) => [
    program,
    running ? 'running' : 'ended',
    `${pid}`,
    age(now - Date.parse(since)),
    `${restarts}`,
  ]);
  const troubleRows = troubles
    .slice(0, mostTroubles)
    .map(({ kind, namespace, name: object, since, why }) => [
      kind,
      namespace,
      object,
      age(now - Date.parse(since)),
      why.replaceAll(/\s+/g, ' '),
    ]);
  const tables = [
    nodeRows.length > 0 ? table(['NODE', 'ROLE', 'STATUS', 'ADDRESS', ''], nodeRows) : '',
    troubleRows.length > 0 ? table(['STUCK', 'NAMESPACE', 'NAME', 'SINCE', ''], troubleRows) : '',
    programRows.length > 0 ? table(['PROGRAM', 'STATUS', 'PID', 'SINCE', 'RESTARTS'], programRows) : '',
  ];
  return [`${lines.join('\n')}\n`, ...tables.filter((one) => one !== '')].join('\n');
}

function objectsText({ state, problems, troubles }: ClusterStatus): string {
  if (troubles === undefined) return 'not all could be read';
  if (troubles.length > 0) return `${troubles.length} stuck`;
  return state === 'running' && problems.length === 0 ? 'everything is well' : 'none is stuck';
}

/** What to do about a state; empty where nothing is to be done. */
function adviceOn({ name, state, nodes }: ClusterStatus, logs: string): string {
  const flags = name === defaultCluster ? '' : ` --name ${name}`;
  switch (state) {
    case 'running':
      return '';
    case 'stopped':
      return `start it again with "kubeling start${flags}"`;
    case 'half-made':
      return `remove it with "kubeling down${flags}"`;
    case 'unwell': {
      // Without the server nobody tells how the other nodes are.
      const off = nodes.find(({ role, on }) => role === 'control-plane' && !on);
      if (off !== undefined) return `turn its control plane on again with "kubeling node start ${off.name}${flags}"`;
      return `the supervisor is at work; if it stays so, see the logs in ${logs}`;
    }
  }
}

function stateOf({ on, ready }: NodeStatus): string {
  if (!on) return 'Stopped';
  return ready ? 'Ready' : 'NotReady';
}
