import type { Deployment } from '../../api/apps/v1/types.ts';
import type { Node, Pod, Service } from '../../api/core/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import type { Share } from './node-usage.ts';
import { rolloutOf } from './rollout.ts';
import type { Row } from './table-rows.ts';
import { nodeTone, podTone, shareTone, type Tone } from './tone.ts';

/** Something that is not as it should be. */
export interface Concern {
  readonly resource: string;
  readonly row: Readonly<Row>;
  readonly tone: Tone;
  readonly text: string;
}

export interface Observed {
  readonly nodes: readonly Readonly<Row<Node>>[];
  readonly deployments: readonly Readonly<Row<Deployment>>[];
  readonly pods: readonly Readonly<Row<Pod>>[];
  readonly services: readonly Readonly<Row<Service>>[];
  readonly endpoints: ReadonlyMap<string, Share>;
}

/** What someone should look at, the worst first. What is merely under way counts too. */
export function concernsIn({ nodes, deployments, pods, services, endpoints }: Observed): Concern[] {
  const concerns: Concern[] = [
    ...nodes.map((row) => ({ resource: 'nodes', row, ...nodeState(row) })),
    ...deployments.map((row) => ({ resource: 'deployments', row, ...rolloutOf(row.object) })),
    ...pods.map((row) => ({ resource: 'pods', row, ...podState(row), text: `${row.cells[2]}, ${row.cells[1]} ready` })),
    ...services.map((row) => ({ resource: 'services', row, ...serviceState(row, endpoints) })),
  ];
  const bad = concerns.filter(({ tone }) => tone === 'bad');
  return [...bad, ...concerns.filter(({ tone }) => tone === 'busy')];
}

interface State {
  readonly tone: Tone;
  readonly text: string;
}

/** As the second cell of `kubectl get nodes` has it. */
export function nodeState({ cells }: Readonly<Row<Node>>): State {
  const text = String(cells[1]);
  return { tone: nodeTone(text), text };
}

/** As the cells READY and STATUS of `kubectl get pods` have it. */
export function podState({ cells }: Readonly<Row<Pod>>): State {
  const text = String(cells[2]);
  return { tone: podTone(text, shareTone(String(cells[1])) === 'good'), text };
}

/** Whether someone answers. A Service that selects no pods has its endpoints from elsewhere, or none. */
export function serviceState({ object }: Readonly<Row<Service>>, endpoints: ReadonlyMap<string, Share>): State {
  const share = endpoints.get(keyText(object.metadata));
  const hasSelector = Object.keys(object.spec?.selector ?? {}).length > 0;
  if (share === undefined || share.of === 0)
    return hasSelector ? { tone: 'bad', text: 'no endpoints' } : { tone: 'plain', text: '–' };
  const text = `${share.used}/${share.of}`;
  return { tone: shareTone(text), text };
}
