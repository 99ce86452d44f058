import type { DaemonSet, DaemonSetSpec } from '../../../api/apps/v1/types.ts';
import type { Node, Pod, PodSpec } from '../../../api/core/v1/types.ts';
import { viewOf, type DaemonView } from './daemon-view.ts';
import { hashLabel } from './daemon-pod.ts';

/** For tests of decisions: a set, nodes and pods as they are told in words. */
const now = Date.UTC(2026, 0, 1);

export function daemonSetOf(pod: Partial<PodSpec> = {}, more: Partial<DaemonSetSpec> = {}): DaemonSet {
  const template = { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'v2' }], ...pod } };
  const updateStrategy = { type: 'RollingUpdate' as const, rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } };
  return {
    metadata: { name: 'agent', namespace: 'default', uid: 'u' },
    spec: { selector: { matchLabels: { app: 'a' } }, template, updateStrategy, ...more },
  };
}

export function nodeOf(name: string, more: Node['spec'] = {}, labels: Record<string, string> = {}): Node {
  return { metadata: { name, labels }, spec: more };
}

/**
 * Pods by words: `a old ready` is a pod of an earlier template on node `a`; `new` is of the present one. Others: `ready`,
 * `going`, `failed`, `succeeded`, `unscheduled`.
 */
function podOf(words: string, index: number): Pod {
  const [node = '', ...is] = words.split(' ');
  const has = (word: string): boolean => is.includes(word);
  const phase = has('failed') ? 'Failed' : has('succeeded') ? 'Succeeded' : 'Running';
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In' as const, values: [node] }] }],
  };
  return {
    metadata: {
      name: `${node}${index}`,
      creationTimestamp: `2025-12-31T00:00:0${index}Z`,
      labels: { [hashLabel]: has('old') ? 'h1' : 'h2' },
      ...(has('going') ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      containers: [],
      ...(has('unscheduled')
        ? { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }
        : { nodeName: node }),
    },
    status: {
      phase,
      conditions: [
        { type: 'Ready', status: has('ready') ? 'True' : 'False', lastTransitionTime: '2025-12-31T23:59:50Z' },
      ],
    },
  };
}

/** Nodes `a`, `b`, `c` with pods by words, the present template having the hash `h2`. */
export function viewWith(set: DaemonSet, pods: readonly string[], nodes = ['a', 'b', 'c']): DaemonView {
  return viewOf(
    set,
    nodes.map((name) => (name === 'x' ? nodeOf(name, { taints: [noSchedule] }) : nodeOf(name))),
    pods.map(podOf),
    'h2',
    now,
  );
}

const noSchedule = { key: 'only', value: 'others', effect: 'NoSchedule' as const };
