import type { Scale } from '../../api/autoscaling/v1/types.ts';
import type {
  HorizontalPodAutoscaler,
  HorizontalPodAutoscalerCondition,
  HorizontalPodAutoscalerStatus,
  MetricStatus,
} from '../../api/autoscaling/v2/types.ts';
import { Pods, type Pod } from '../../api/core/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { parseLabelSelector, type LabelMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import type { Cluster } from '../../reconciler/controller.ts';
import { bounded, type History } from './bounds.ts';
import { proposalOf, type Failure, type Proposal } from './proposal.ts';
import { readScale, writeScale, type Target } from './scale-target.ts';

export interface Surroundings {
  readonly cluster: Cluster;
  readonly history: History;
  readonly served: readonly ResourceFacts[];
  /** Who of the namespace chooses some of these pods, the autoscaler `name` first. */
  choosers(namespace: string, name: string, selects: LabelMatcher, pods: readonly Readonly<Pod>[]): readonly string[];
}

/** Measures for one autoscaler, and writes the size of its target. Answers the status that the autoscaler has now. */
export async function look(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  around: Surroundings,
): Promise<HorizontalPodAutoscalerStatus> {
  const { cluster } = around;
  const conditions = new Conditions(autoscaler.status?.conditions ?? [], cluster.clock.now());
  const before = autoscaler.status ?? { desiredReplicas: 0 };
  let target: Target;
  try {
    target = await readScale(autoscaler, around.served, cluster.client);
  } catch (error) {
    const { message } = error as Error;
    cluster.events.record(autoscaler, 'Warning', 'FailedGetScale', message);
    const why = `the HPA controller was unable to get the target's current scale: ${message}`;
    conditions.set('AbleToScale', 'False', 'FailedGetScale', why);
    return { ...before, conditions: conditions.all };
  }
  const able = "the HPA controller was able to get the target's current scale";
  conditions.set('AbleToScale', 'True', 'SucceededGetScale', able);
  const current = target.scale.spec.replicas ?? 0;
  if (around.history.recommendations.length === 0)
    around.history.recommendations = [{ replicas: current, at: cluster.clock.now() }];
  const plan = await planOf(autoscaler, target.scale, conditions, around);
  const statusWith = (desired: number, isRescaled = false): HorizontalPodAutoscalerStatus => ({
    currentReplicas: current,
    desiredReplicas: desired,
    ...(isRescaled
      ? { lastScaleTime: rfc3339(cluster.clock.now()) }
      : before.lastScaleTime !== undefined && { lastScaleTime: before.lastScaleTime }),
    currentMetrics: plan.metrics.length > 0 ? [...plan.metrics] : null,
    conditions: conditions.all,
  });
  if (plan.replicas === undefined) return statusWith(before.desiredReplicas ?? 0);
  if (plan.replicas === current) return statusWith(current);
  const size = `New size: ${plan.replicas}; reason: ${plan.reason}`;
  try {
    await writeScale(target, plan.replicas, cluster);
  } catch (error) {
    const { message } = error as Error;
    cluster.events.record(autoscaler, 'Warning', 'FailedRescale', `${size}; error: ${message}`);
    const why = `the HPA controller was unable to update the target scale: ${message}`;
    conditions.set('AbleToScale', 'False', 'FailedUpdateScale', why);
    return statusWith(before.desiredReplicas ?? 0);
  }
  const done = `the HPA controller was able to update the target scale to ${plan.replicas}`;
  conditions.set('AbleToScale', 'True', 'SucceededRescale', done);
  cluster.events.record(autoscaler, 'Normal', 'SuccessfulRescale', size);
  around.history.changes = [...around.history.changes, { by: plan.replicas - current, at: cluster.clock.now() }];
  return statusWith(plan.replicas, true);
}

interface Plan {
  /** `undefined`: nobody knows. */
  readonly replicas?: number;
  readonly reason: string;
  readonly metrics: readonly MetricStatus[];
}

async function planOf(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  scale: Readonly<Scale>,
  conditions: Conditions,
  around: Surroundings,
): Promise<Plan> {
  const { spec } = autoscaler;
  const current = scale.spec.replicas ?? 0;
  const least = spec.minReplicas ?? 1;
  if (current === 0) {
    const why = 'scaling is disabled since the replica count of the target is zero';
    conditions.set('ScalingActive', 'False', 'ScalingDisabled', why);
    return { replicas: 0, reason: '', metrics: [] };
  }
  if (current > spec.maxReplicas)
    return { replicas: spec.maxReplicas, reason: 'Current number of replicas above Spec.MaxReplicas', metrics: [] };
  if (current < least)
    return { replicas: least, reason: 'Current number of replicas below Spec.MinReplicas', metrics: [] };
  const { highest, metrics, problem } = await highestProposal(autoscaler, scale, conditions, around);
  if (highest === undefined) {
    around.cluster.events.record(autoscaler, 'Warning', 'FailedComputeMetricsReplicas', problem!);
    return { reason: '', metrics };
  }
  const desired = highest.replicas;
  const reason =
    desired > current ? `${highest.metric} above target` : desired < current ? 'All metrics below target' : '';
  const now = around.cluster.clock.now();
  const { replicas, able, limited } = bounded({ spec, current, desired, now }, around.history);
  conditions.set('AbleToScale', 'True', able.reason, able.message);
  conditions.set('ScalingLimited', limited.isLimited ? 'True' : 'False', limited.reason, limited.message);
  return { replicas, reason, metrics };
}

interface Proposed {
  /** The largest size that a metric asks for; absent where that cannot be told. */
  readonly highest?: Proposal;
  readonly metrics: readonly MetricStatus[];
  readonly problem?: string;
}

async function highestProposal(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  scale: Readonly<Scale>,
  conditions: Conditions,
  around: Surroundings,
): Promise<Proposed> {
  const { cluster, served } = around;
  const chosen = choose(autoscaler, scale, conditions, around);
  if ('problem' in chosen) return { metrics: [], problem: chosen.problem };
  const scene = {
    autoscaler,
    ...chosen,
    wanted: scale.spec.replicas ?? 0,
    present: scale.status?.replicas ?? 0,
    client: cluster.client,
    served,
    now: cluster.clock.now(),
  };
  const specs = autoscaler.spec.metrics ?? [];
  const failures: Failure[] = [];
  const metrics: MetricStatus[] = [];
  let highest: Proposal | undefined;
  for (const metric of specs) {
    const attempt = await proposalOf(metric, scene);
    if ('failure' in attempt) {
      const { failure } = attempt;
      cluster.events.record(autoscaler, 'Warning', failure.reason, failure.why);
      failures.push(failure);
      metrics.push({ type: '' });
    } else {
      metrics.push(attempt.status);
      if (highest === undefined || attempt.replicas > highest.replicas) highest = attempt;
    }
  }
  const [first] = failures;
  // Where some say nothing, the others may still say that more is needed.
  if (first !== undefined && (highest === undefined || highest.replicas < scene.wanted)) {
    const why = `the HPA was unable to compute the replica count: ${first.why}`;
    conditions.set('ScalingActive', 'False', first.reason, why);
    const count = `invalid metrics (${failures.length} invalid out of ${specs.length})`;
    return { metrics, problem: `${count}, first error is: ${first.summary}` };
  }
  const found = `the HPA was able to successfully calculate a replica count from ${highest!.metric}`;
  conditions.set('ScalingActive', 'True', 'ValidMetricFound', found);
  return { highest: highest!, metrics };
}

/** The pods of the target; only one autoscaler may have a say in each. */
function choose(
  autoscaler: Readonly<HorizontalPodAutoscaler>,
  { status }: Readonly<Scale>,
  conditions: Conditions,
  { cluster, choosers }: Surroundings,
): { readonly pods: readonly Readonly<Pod>[]; readonly selector: string } | { readonly problem: string } {
  const { namespace = '', name } = autoscaler.metadata;
  const selector = status?.selector ?? '';
  const fail = (event: string, reason: string, problem: string, why = problem): { readonly problem: string } => {
    cluster.events.record(autoscaler, 'Warning', event, problem);
    conditions.set('ScalingActive', 'False', reason, why);
    return { problem };
  };
  if (selector === '')
    return fail(
      'SelectorRequired',
      'InvalidSelector',
      'selector is required',
      "the HPA target's scale is missing a selector",
    );
  let selects: LabelMatcher;
  try {
    selects = parseLabelSelector(selector);
  } catch (error) {
    const why = `couldn't convert selector into a corresponding internal selector object: ${(error as Error).message}`;
    return fail('InvalidSelector', 'InvalidSelector', why);
  }
  const pods = cluster.list(Pods, namespace).filter(({ metadata }) => selects.matches(metadata.labels));
  const all = choosers(namespace, name, selects, pods);
  if (all.length === 1) return { pods, selector };
  const shown = all.map((one) => `${namespace}/${one}`).join(' ');
  const why = `pods by selector ${selector} are controlled by multiple HPAs: [${shown}]`;
  return fail('AmbiguousSelector', 'AmbiguousSelector', why);
}

/** The conditions of an autoscaler, in the order in which they came. */
class Conditions {
  readonly #now: string;
  #all: HorizontalPodAutoscalerCondition[];

  constructor(all: readonly HorizontalPodAutoscalerCondition[], now: number) {
    this.#all = [...all];
    this.#now = rfc3339(now);
  }

  get all(): HorizontalPodAutoscalerCondition[] {
    return this.#all;
  }

  set(type: string, status: 'True' | 'False', reason: string, message: string): void {
    const old = this.#all.find((one) => one.type === type);
    const isSame = old?.status === status && old.lastTransitionTime !== undefined;
    const condition = {
      type,
      status,
      lastTransitionTime: isSame ? old.lastTransitionTime! : this.#now,
      reason,
      message,
    };
    this.#all = old === undefined ? [...this.#all, condition] : this.#all.map((one) => (one === old ? condition : one));
  }
}
