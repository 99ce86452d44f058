import { termMatches, type AffinityTerm } from '../framework/affinity-term.ts';
import type { ClusterState } from '../framework/cluster-state.ts';
import type { NodeInfo } from '../framework/node-info.ts';
import {
  bestScore,
  fits,
  rejects,
  type ClusterChange,
  type FilterStage,
  type SchedulerPlugin,
  type ScoreStage,
  type Verdict,
} from '../framework/plugin.ts';
import { change as changeCount } from '../framework/pod-counts.ts';
import type { PodInfo } from '../framework/pod-info.ts';

const rejections = {
  affinity: rejects(["node(s) didn't match pod affinity rules"], { evictionMayHelp: false }),
  antiAffinity: rejects(["node(s) didn't match pod anti-affinity rules"], { evictionMayHelp: true }),
  others: rejects(["node(s) didn't satisfy existing pods anti-affinity rules"], { evictionMayHelp: true }),
};

/** Numbers by topology label and its value. */
type ByTopology = ReadonlyMap<string, ReadonlyMap<string, number>>;

interface Demands {
  readonly pod: PodInfo;
  readonly cluster: ClusterState;
  /** Pods that all affinity terms of the newcomer match, by the label of each term. */
  readonly friends: ByTopology;
  /** Pods that an anti-affinity term of the newcomer matches. */
  readonly foes: ByTopology;
  /** Pods with an anti-affinity term that matches the newcomer. */
  readonly averse: ByTopology;
  /** The newcomer is of the sort it wants to be near: the first one may go anywhere. */
  readonly likesItself: boolean;
}

/** Puts pods near to or apart from others, as they require or prefer, and as those who are there require or prefer. */
export const interPodAffinity: SchedulerPlugin = {
  name: 'InterPodAffinity',
  retryOn: [
    'node-added',
    'node-relabelled',
    'pod-added',
    'pod-removed',
    'pod-relabelled',
    'namespace-relabelled',
    'self-changed',
  ],
  mayHelp,
  filter: {
    prepare(pod, cluster) {
      const averse = aversions(pod, cluster);
      if (averse.size === 0 && pod.requiredAffinity.length === 0 && pod.requiredAntiAffinity.length === 0)
        return undefined;
      return {
        pod,
        cluster,
        friends: friendsOf(pod, cluster),
        foes: foesOf(pod, cluster),
        averse,
        likesItself: pod.requiredAffinity.length > 0 && matchesAll(pod.requiredAffinity, pod, cluster),
      };
    },

    test: (demands, { labels }) => verdict(demands, (label) => labels[label]),
    testAt: (demands, place) => verdict(demands, (label) => demands.cluster.column(label)[place]),
    labels: ({ pod, foes, averse }) => [
      ...pod.requiredAffinity.map(({ topologyKey }) => topologyKey),
      ...foes.keys(),
      ...averse.keys(),
    ],

    change(demands, other, node, by) {
      const { pod, cluster } = demands;
      const matches = (term: AffinityTerm, one: PodInfo): boolean => termMatches(term, one, cluster.namespaceLabels);
      const friendly = pod.requiredAffinity.length > 0 && matchesAll(pod.requiredAffinity, other, cluster);
      return {
        ...demands,
        friends: friendly ? changed(demands.friends, pod.requiredAffinity, node, by) : demands.friends,
        foes: changed(
          demands.foes,
          pod.requiredAntiAffinity.filter((term) => matches(term, other)),
          node,
          by,
        ),
        averse: changed(
          demands.averse,
          other.requiredAntiAffinity.filter((term) => matches(term, pod)),
          node,
          by,
        ),
      };
    },
  } satisfies FilterStage<Demands>,
  score: {
    weight: 2,
    prepare(pod, _nodes, cluster) {
      const preferences = [...preferencesOf(pod, cluster)];
      return preferences.length === 0 ? undefined : preferences;
    },

    score(preferences, { labels }) {
      let sum = 0;
      for (const [topologyKey, weights] of preferences) {
        const value = labels[topologyKey];
        if (value !== undefined) sum += weights.get(value) ?? 0;
      }
      return sum;
    },

    labels: (preferences) => preferences.map(([topologyKey]) => topologyKey),

    normalize(scores) {
      let [least, most] = [Infinity, -Infinity];
      for (const score of scores) {
        if (score < least) least = score;
        if (score > most) most = score;
      }
      for (let i = 0; i < scores.length; i++)
        scores[i] = most > least ? Math.floor((bestScore * (scores[i]! - least)) / (most - least)) : 0;
    },
  } satisfies ScoreStage<readonly (readonly [topologyKey: string, weights: ReadonlyMap<string, number>])[]>,
};

function matchesAll(terms: readonly AffinityTerm[], pod: PodInfo, cluster: ClusterState): boolean {
  return terms.every((term) => termMatches(term, pod, cluster.namespaceLabels));
}

function friendsOf({ requiredAffinity }: PodInfo, cluster: ClusterState): ByTopology {
  const found = new Map<string, ReadonlyMap<string, number>>();
  const sort = requiredAffinity.map((term) => term.key).join(' ');
  for (const { topologyKey } of requiredAffinity) {
    const matches = (pod: PodInfo): boolean => matchesAll(requiredAffinity, pod, cluster);
    const { byValue } = cluster.counts.get(`friends ${topologyKey} ${sort}`, topologyKey, matches, cluster.nodes);
    merge(found, topologyKey, byValue, 1);
  }
  return found;
}

function foesOf({ requiredAntiAffinity }: PodInfo, cluster: ClusterState): ByTopology {
  const found = new Map<string, ReadonlyMap<string, number>>();
  for (const term of requiredAntiAffinity) merge(found, term.topologyKey, matching(term, cluster), 1);
  return found;
}

function aversions(pod: PodInfo, cluster: ClusterState): ByTopology {
  const found = new Map<string, ReadonlyMap<string, number>>();
  for (const { term, weightByValue } of cluster.terms.requiredAnti.all())
    if (termMatches(term, pod, cluster.namespaceLabels)) merge(found, term.topologyKey, weightByValue, 1);
  return found;
}

function preferencesOf(pod: PodInfo, cluster: ClusterState): ByTopology {
  const found = new Map<string, ReadonlyMap<string, number>>();
  for (const { term, weight } of pod.preferredAffinity) merge(found, term.topologyKey, matching(term, cluster), weight);
  for (const { term, weightByValue } of cluster.terms.preferences.all())
    if (termMatches(term, pod, cluster.namespaceLabels)) merge(found, term.topologyKey, weightByValue, 1);
  return found;
}

/** The pods that a term matches, by the value of the term's label. */
function matching(term: AffinityTerm, cluster: ClusterState): ReadonlyMap<string, number> {
  const matches = (pod: PodInfo): boolean => termMatches(term, pod, cluster.namespaceLabels);
  return cluster.counts.get(`term ${term.key}`, term.topologyKey, matches, cluster.nodes).byValue;
}

function merge(
  into: Map<string, ReadonlyMap<string, number>>,
  topologyKey: string,
  counts: ReadonlyMap<string, number>,
  weight: number,
): void {
  if (counts.size === 0) return;
  const known = into.get(topologyKey);
  // What one term says is not copied: nothing changes while a pod is placed.
  if (known === undefined && weight === 1) return void into.set(topologyKey, counts);
  const sums = new Map(known);
  for (const [value, count] of counts) changeCount(sums, value, weight * count);
  into.set(topologyKey, sums);
}

/** `valueOf`: what the node's label is. */
function verdict({ pod, friends, foes, averse, likesItself }: Demands, valueOf: ValueOf): Verdict {
  let allNear = true;
  for (const { topologyKey } of pod.requiredAffinity) {
    const value = valueOf(topologyKey);
    if (value === undefined) return rejections.affinity;
    if (!friends.get(topologyKey)?.has(value)) allNear = false;
  }
  if (!allNear && !(likesItself && friends.size === 0)) return rejections.affinity;
  if (anyAt(foes, valueOf)) return rejections.antiAffinity;
  return anyAt(averse, valueOf) ? rejections.others : fits;
}

type ValueOf = (label: string) => string | undefined;

function anyAt(counts: ByTopology, valueOf: ValueOf): boolean {
  for (const [topologyKey, values] of counts) {
    const value = valueOf(topologyKey);
    if (value !== undefined && values.has(value)) return true;
  }
  return false;
}

function changed(counts: ByTopology, terms: readonly AffinityTerm[], { labels }: NodeInfo, by: 1 | -1): ByTopology {
  if (terms.length === 0) return counts;
  const copy = new Map([...counts].map(([topologyKey, values]) => [topologyKey, new Map(values)]));
  for (const { topologyKey } of terms) {
    const value = labels[topologyKey];
    if (value === undefined) continue;
    const values = copy.get(topologyKey) ?? new Map<string, number>();
    changeCount(values, value, by);
    if (values.size > 0) copy.set(topologyKey, values);
    else copy.delete(topologyKey);
  }
  return copy;
}

function mayHelp(pod: PodInfo, change: ClusterChange, { namespaceLabels }: ClusterState): boolean {
  if (!('pod' in change)) return true;
  const other = change.pod;
  const likes = pod.requiredAffinity.some((term) => termMatches(term, other, namespaceLabels));
  if (change.type === 'pod-added') return likes;
  const dislikes = pod.requiredAntiAffinity.some((term) => termMatches(term, other, namespaceLabels));
  const isDisliked = other.requiredAntiAffinity.some((term) => termMatches(term, pod, namespaceLabels));
  return dislikes || isDisliked || change.type === 'pod-relabelled';
}
