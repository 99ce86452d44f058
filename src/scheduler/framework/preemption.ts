import type { PodDisruptionBudget } from '../../api/policy/v1/types.ts';
import { labelSelectorMatcher } from '../../apimachinery/selectors/label-selector.ts';
import type { Random } from '../../base/random.ts';
import { prepareFilters, testWithNominated, withPods, type ActiveFilter, type Nominated } from './active-filters.ts';
import type { ClusterState } from './cluster-state.ts';
import { preemptionMessage } from './fit-message.ts';
import type { NodeInfo } from './node-info.ts';
import type { Diagnosis } from './placement.ts';
import { rejects, type Rejection, type SchedulerPlugin } from './plugin.ts';
import type { PodInfo } from './pod-info.ts';

/** Which pods to evict for a pod of higher priority, or why that does not help. */
export type Preemption =
  | { readonly helps: true; readonly node: NodeInfo; readonly victims: readonly PodInfo[] }
  /** `isWaiting`: room is being made already, on the node that the pod was promised. */
  | { readonly helps: false; readonly message: string; readonly isWaiting: boolean };

export interface PreemptionOptions extends Nominated {
  readonly plugins: readonly SchedulerPlugin[];
  readonly random: Random;
  readonly budgets: readonly Readonly<PodDisruptionBudget>[];
}

interface Candidate {
  readonly node: NodeInfo;
  /** The most important first. */
  readonly victims: readonly PodInfo[];
  /** How many of the victims a disruption budget would protect. */
  readonly violations: number;
}

const noVictims = rejects(['No preemption victims found for incoming pod'], { evictionMayHelp: false });

/** Decides, without side effects, where the fewest and least important pods must go so that the pod fits. */
export function preempt(
  pod: PodInfo,
  diagnosis: Diagnosis,
  cluster: ClusterState,
  options: PreemptionOptions,
): Preemption {
  if (pod.pod.spec.preemptionPolicy === 'Never')
    return { helps: false, message: 'not eligible due to preemptionPolicy=Never.', isWaiting: false };
  if (isMakingRoom(pod, diagnosis, cluster))
    return { helps: false, message: 'not eligible due to a terminating pod on the nominated node.', isWaiting: true };

  const inVain: Rejection[] = [];
  const candidates = findCandidates(pod, diagnosis, cluster, options, inVain);
  const [first, ...others] = candidates;
  if (first === undefined)
    return { helps: false, message: preemptionMessage(diagnosis.nodeCount, inVain), isWaiting: false };
  const { node, victims } = others.reduce((best, other) => (isBetter(other, best) ? other : best), first);
  return { helps: true, node, victims };
}

/** Earlier victims are still on their way out. */
function isMakingRoom({ pod, priority }: PodInfo, diagnosis: Diagnosis, cluster: ClusterState): boolean {
  const name = pod.status?.nominatedNodeName;
  const node = name ? cluster.node(name) : undefined;
  if (node === undefined || rejectionOf(node, diagnosis)?.evictionMayHelp === false) return false;
  return [...node.pods.values()].some((other) => other.priority < priority && isPreempted(other));
}

function rejectionOf(node: NodeInfo, { byNode, elsewhere }: Diagnosis): Rejection | undefined {
  return byNode.get(node) ?? elsewhere?.rejection;
}

function isPreempted({ terminating, pod }: PodInfo): boolean {
  const conditions = pod.status?.conditions ?? [];
  return (
    terminating &&
    conditions.some(
      ({ type, status, reason }) =>
        type === 'DisruptionTarget' && status === 'True' && reason === 'PreemptionByScheduler',
    )
  );
}

function findCandidates(
  pod: PodInfo,
  { byNode }: Diagnosis,
  cluster: ClusterState,
  options: PreemptionOptions,
  inVain: Rejection[],
): Candidate[] {
  const filters = prepareFilters(pod, cluster, options.plugins);
  if ('rejection' in filters) return [];
  const hopeful = [...byNode].filter(([, rejection]) => rejection.evictionMayHelp).map(([node]) => node);
  const wanted = Math.max(Math.floor(hopeful.length / 10), Math.min(100, hopeful.length));
  const offset = Math.floor(options.random.next() * hopeful.length);
  const candidates: Candidate[] = [];
  for (let i = 0; i < hopeful.length && candidates.length < wanted; i++) {
    const found = victimsOn(hopeful[(offset + i) % hopeful.length]!, pod, filters, options);
    if ('fits' in found) inVain.push(found);
    else candidates.push(found);
  }
  return candidates;
}

/** Takes all less important pods off the node, then puts back as many as will fit, the important ones first. */
function victimsOn(
  node: NodeInfo,
  pod: PodInfo,
  filters: readonly ActiveFilter[],
  options: PreemptionOptions,
): Candidate | Rejection {
  const lesser = [...node.pods.values()].filter((other) => other.priority < pod.priority);
  if (lesser.length === 0) return noVictims;
  const trial = node.copy();
  for (const { key } of lesser) trial.removePod(key);
  let state = withPods(filters, lesser, node, -1);
  const { verdict } = testWithNominated(pod, state, trial, options);
  if (!verdict.fits) return verdict;

  const { protectedPods, others } = byProtection(lesser.sort(moreImportantFirst), options.budgets);
  const victims: PodInfo[] = [];
  let violations = 0;
  for (const one of [...protectedPods, ...others]) {
    trial.addPod(one);
    const withOne = withPods(state, [one], node, 1);
    if (testWithNominated(pod, withOne, trial, options).verdict.fits) {
      state = withOne;
      continue;
    }
    trial.removePod(one.key);
    victims.push(one);
    if (protectedPods.includes(one)) violations++;
  }
  return victims.length === 0 ? noVictims : { node, victims: victims.sort(moreImportantFirst), violations };
}

/** Higher priority first, then who has run longer. */
function moreImportantFirst(a: PodInfo, b: PodInfo): number {
  if (a.priority !== b.priority) return b.priority - a.priority;
  return startOf(a) < startOf(b) ? -1 : startOf(a) > startOf(b) ? 1 : 0;
}

/** RFC 3339 in UTC sorts as text; a pod that has not started is the youngest. */
function startOf({ pod }: PodInfo): string {
  return pod.status?.startTime ?? '~';
}

function byProtection(
  pods: readonly PodInfo[],
  budgets: PreemptionOptions['budgets'],
): { protectedPods: PodInfo[]; others: PodInfo[] } {
  const left = budgets.map((budget) => ({
    budget,
    allowed: budget.status?.disruptionsAllowed ?? 0,
    matches: labelSelectorMatcher(budget.spec?.selector),
  }));
  const protectedPods: PodInfo[] = [];
  const others: PodInfo[] = [];
  for (const pod of pods) {
    let isProtected = false;
    for (const one of left) {
      const { metadata, status, spec } = one.budget;
      const isCovered = metadata.namespace === pod.namespace && spec?.selector !== undefined && one.matches(pod.labels);
      if (!isCovered || status?.disruptedPods?.[pod.pod.metadata.name] !== undefined) continue;
      if (--one.allowed < 0) isProtected = true;
    }
    (isProtected ? protectedPods : others).push(pod);
  }
  return { protectedPods, others };
}

/**
 * Fewer broken budgets, then lower priority of the most important victim, of all together, then fewer victims, then the
 * one that ran shortest.
 */
function isBetter(a: Candidate, b: Candidate): boolean {
  const byRank = compare(ranks(a), ranks(b));
  if (byRank !== 0) return byRank < 0;
  return earliestStart(a) > earliestStart(b);
}

function ranks({ violations, victims }: Candidate): number[] {
  const sum = victims.reduce((total, { priority }) => total + priority + 2 ** 31, 0);
  return [violations, victims[0]!.priority, sum, victims.length];
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}

/** Of the most important victims, when the oldest started. */
function earliestStart({ victims }: Candidate): string {
  return startOf(victims[0]!);
}
