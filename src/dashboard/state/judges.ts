import { controllerOf, keyText } from '../../apimachinery/object.ts';
import type { Share } from './node-usage.ts';
import type { Rollout } from './rollout.ts';
import type { Row } from './table-rows.ts';
import { nodeTone, podTone, shareTone, type Tone } from './tone.ts';

export interface State {
  readonly tone: Tone;
  readonly text: string;
}

/** What the state of one object may hang on besides itself. */
export interface Around {
  /** The endpoints of Services, by `namespace/name`. */
  readonly endpoints: ReadonlyMap<string, Share>;
  /** Classes that make a volume only for a pod. */
  readonly patientClasses: ReadonlySet<string>;
}

type Judge = (row: Readonly<Row>, around: Around) => State;

/** A row never changes, and there may be thousands of them whenever one of them is replaced. */
function remembered(judge: (row: Readonly<Row>) => State): (row: Readonly<Row>) => State {
  const known = new WeakMap<Readonly<Row>, State>();
  return (row) => {
    const state = known.get(row) ?? judge(row);
    known.set(row, state);
    return state;
  };
}

/** As kubectl prints STATUS of nodes. */
export const nodeState = remembered(({ cells: [, status] }) => ({
  tone: nodeTone(String(status)),
  text: String(status),
}));

/** As kubectl prints READY and STATUS of pods. */
export const podState = remembered(({ cells: [, ready, status] }) => ({
  tone: podTone(String(status), shareTone(String(ready)) === 'good'),
  text: String(status),
}));

/** The same in a sentence. */
const podSentence = remembered((row) => {
  const [, ready, status] = row.cells;
  return { ...podState(row), text: `${status}, ${ready} ready` };
});

/** Whether someone answers. A Service that selects no pods has its endpoints from elsewhere, or none. */
export function serviceState({ metadata, cells }: Readonly<Row>, { endpoints }: Around): State {
  const share = endpoints.get(keyText(metadata));
  const hasSelector = cells[6] !== undefined && cells[6] !== '<none>';
  if (share === undefined || share.of === 0)
    return hasSelector ? { tone: 'bad', text: 'no endpoints' } : { tone: 'plain', text: '–' };
  return shareState(share.used, share.of, '');
}

const statefulSetState = remembered(({ cells: [, ready] }) => {
  const [have = 0, want = 0] = String(ready).split('/').map(Number);
  return shareState(have, want);
});

const daemonSetState = remembered(({ cells: [, desired, , , upToDate, available] }) => {
  const want = Number(desired);
  if (Number(upToDate) < want && Number(available) >= want)
    return { tone: 'busy', text: `${upToDate} of ${want} updated` };
  return shareState(Number(available), want, ' available');
});

/** Who has an owner is judged with it. */
const replicasState = remembered((row) => {
  const [, desired, , ready] = row.cells;
  return controllerOf(row) === undefined ? shareState(Number(ready), Number(desired)) : { tone: 'plain', text: '–' };
});

function shareState(have: number, want: number, what = ' ready'): State {
  const text = `${have}/${want}`;
  return { tone: shareTone(text), text: text + what };
}

const jobState = remembered(({ cells: [, status] }) => {
  const text = String(status);
  if (text === 'Failed' || text === 'FailureTarget') return { tone: 'bad', text };
  return { tone: text === 'Running' || text === 'Complete' ? 'good' : 'plain', text };
});

function claimState({ metadata, cells }: Readonly<Row>, { patientClasses }: Around): State {
  const [, status, , , , storageClass] = cells.map(String);
  if (metadata.deletionTimestamp !== undefined) return { tone: 'busy', text: 'Terminating' };
  if (status === 'Bound') return { tone: 'good', text: status };
  if (status === 'Pending' && patientClasses.has(storageClass!)) return { tone: 'plain', text: 'waits for a pod' };
  return { tone: status === 'Pending' ? 'busy' : 'bad', text: status! };
}

const volumeTones: Readonly<Record<string, Tone>> = {
  Bound: 'good',
  Failed: 'bad',
  Pending: 'busy',
  Terminating: 'busy',
};
const volumeState = remembered(({ cells: [, , , , status] }) => ({
  tone: volumeTones[String(status)] ?? 'plain',
  text: String(status),
}));

const namespaceState = remembered(({ cells: [, status] }) => ({
  tone: status === 'Active' ? 'good' : 'busy',
  text: String(status),
}));

const autoscalerState = remembered(({ cells: [, , targets] }) =>
  String(targets).includes('<unknown>')
    ? { tone: 'busy', text: 'no metrics' }
    : { tone: 'good', text: String(targets) },
);

const apiServiceState = remembered(({ cells: [, , available] }) => {
  const text = String(available);
  return text === 'True' ? { tone: 'good', text: 'available' } : { tone: 'bad', text: `available: ${text}` };
});

/** How objects of a kind are, by the cells that kubectl prints; all kinds by which a cluster is called well. */
export const judges: Readonly<Record<string, Judge>> = {
  nodes: nodeState,
  'deployments.apps': ({ extract }) => extract as Rollout,
  'statefulsets.apps': statefulSetState,
  'daemonsets.apps': daemonSetState,
  'replicasets.apps': replicasState,
  replicationcontrollers: replicasState,
  'jobs.batch': jobState,
  pods: podSentence,
  services: serviceState,
  persistentvolumeclaims: claimState,
  persistentvolumes: volumeState,
  'horizontalpodautoscalers.autoscaling': autoscalerState,
  'apiservices.apiregistration.k8s.io': apiServiceState,
  namespaces: namespaceState,
};
