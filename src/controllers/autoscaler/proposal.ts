import type {
  HorizontalPodAutoscaler,
  MetricIdentifier,
  MetricSpec,
  MetricStatus,
  MetricTarget,
  MetricValueStatus,
} from '../../api/autoscaling/v2/types.ts';
import type { Pod } from '../../api/core/v1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import {
  milliQuantityOf,
  milliValue,
  parseQuantity,
  quantityText,
  quantityToNumber,
} from '../../apimachinery/quantity.ts';
import type { Client } from '../../client/client.ts';
import { externalValues, objectValue, podSamples, resourceSamples } from './meter.ts';
import {
  countByRatio,
  countByShare,
  countByUtilization,
  countByValue,
  type Count,
  type Tolerance,
} from './replica-count.ts';

/** What one metric asks for. */
export interface Proposal {
  readonly replicas: number;
  /** How messages name the metric. */
  readonly metric: string;
  readonly status: MetricStatus;
}

/** Why a metric says nothing. */
export interface Failure {
  readonly reason: string;
  /** For an event and the condition. */
  readonly why: string;
  /** For the summary of all metrics. */
  readonly summary: string;
}

/** What an autoscaler finds. */
export interface Scene {
  readonly autoscaler: Readonly<HorizontalPodAutoscaler>;
  /** Those of the target, and the selector that chooses them. */
  readonly pods: readonly Readonly<Pod>[];
  readonly selector: string;
  /** How many pods the target is to have, and has. */
  readonly wanted: number;
  readonly present: number;
  readonly client: Client;
  readonly served: readonly ResourceFacts[];
  readonly now: number;
}

type Attempt = Proposal | { readonly failure: Failure };

/** Never throws: what cannot be measured is a failure. */
export async function proposalOf(metric: Readonly<MetricSpec>, scene: Scene): Promise<Attempt> {
  switch (metric.type) {
    case 'Resource': {
      const { name, target } = metric.resource!;
      return attempt('FailedGetResourceMetric', `failed to get ${name} resource metric value`, async () => {
        const { current, metric: shown, replicas } = await ofResource(name, target, scene);
        return { replicas, metric: shown, status: { type: 'Resource', resource: { name, current } } };
      });
    }
    case 'ContainerResource': {
      const { name, container, target } = metric.containerResource!;
      const summary = `failed to get ${container} container metric value`;
      return attempt('FailedGetContainerResourceMetric', summary, async () => {
        const { current, metric: shown, replicas } = await ofResource(name, target, scene, container);
        const status = { type: 'ContainerResource', containerResource: { name, container, current } };
        return { replicas, metric: shown, status };
      });
    }
    case 'Pods':
      return attempt('FailedGetPodsMetric', 'failed to get pods metric value', () => ofPods(metric.pods!, scene));
    case 'Object':
      return ofObject(metric.object!, scene);
    case 'External':
      return ofExternal(metric.external!, scene);
    default: {
      const why = `unknown metric source type ${JSON.stringify(metric.type)}`;
      return { failure: { reason: 'InvalidMetricSourceType', why, summary: why } };
    }
  }
}

/** `step` stands between the summary and the reason where a metric has one more to tell. */
async function attempt(
  reason: string,
  summary: string,
  propose: () => Promise<Proposal>,
  step?: string,
): Promise<Attempt> {
  try {
    return await propose();
  } catch (error) {
    const why = (error as Error).message;
    const parts = [summary, ...(step === undefined ? [] : [step]), why];
    return { failure: { reason, why, summary: parts.join(': ') } };
  }
}

/** Says what was tried before what went wrong. */
async function trying<T>(what: string, act: () => T | Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}

async function ofResource(
  resource: string,
  target: Readonly<MetricTarget>,
  { autoscaler, pods, selector, wanted, client, now }: Scene,
  container?: string,
): Promise<{ readonly replicas: number; readonly current: MetricValueStatus; readonly metric: string }> {
  const { averageValue, averageUtilization } = target;
  const isByValue = averageValue !== undefined;
  return trying(`failed to get ${resource} ${isByValue ? 'usage' : 'utilization'}`, async () => {
    const namespace = autoscaler.metadata.namespace!;
    const samples = await trying(`unable to get metrics for resource ${resource}`, () =>
      resourceSamples(client, namespace, selector, resource, container),
    );
    const question = { pods, samples, current: wanted, tolerance: toleranceOf(autoscaler), resource, now };
    const count = isByValue
      ? countByValue(question, thousandths(averageValue))
      : countByUtilization(question, averageUtilization!, container);
    const used = milliQuantityOf(count.usage, resource === 'memory' ? 'BinarySI' : 'DecimalSI');
    const what = container === undefined ? 'resource' : 'container resource';
    return {
      replicas: count.replicas,
      metric: isByValue ? `${resource} resource` : `${resource} ${what} utilization (percentage of request)`,
      current: {
        ...(count.utilization !== undefined && { averageUtilization: count.utilization }),
        averageValue: quantityText(used),
      },
    };
  });
}

async function ofPods({ metric, target }: NonNullable<MetricSpec['pods']>, scene: Scene): Promise<Proposal> {
  const { autoscaler, pods, selector, wanted, client, now } = scene;
  const samples = await trying(`unable to get metric ${metric.name}`, () =>
    podSamples(client, autoscaler.metadata.namespace!, selector, metric),
  );
  const question = { pods, samples, current: wanted, tolerance: toleranceOf(autoscaler), resource: '', now };
  const { replicas, usage } = countByValue(question, thousandths(target.averageValue!));
  const current = { averageValue: amountText(usage) };
  return { replicas, metric: `pods metric ${metric.name}`, status: { type: 'Pods', pods: { metric, current } } };
}

function ofObject({ describedObject, metric, target }: NonNullable<MetricSpec['object']>, scene: Scene) {
  const isShared = target.type === 'AverageValue' && target.averageValue !== undefined;
  const propose = async (): Promise<Proposal> => {
    if (!isShared && (target.type !== 'Value' || target.value === undefined))
      throw new Error('invalid object metric source: neither a value target nor an average value target was set');
    const { autoscaler, client, served } = scene;
    const namespace = autoscaler.metadata.namespace!;
    const where = `${describedObject.kind} ${namespace}/${describedObject.name}`;
    const value = await trying(`unable to get metric ${metric.name} on ${where}`, () =>
      objectValue(client, namespace, describedObject, metric, served),
    );
    const { replicas, current } = countOfOne(value, target, isShared, scene);
    const shown = isShared ? externalText(metric) : `${describedObject.kind} metric ${metric.name}`;
    return { replicas, metric: shown, status: { type: 'Object', object: { describedObject, metric, current } } };
  };
  const step = isShared ? `failed to get ${metric.name} object metric` : undefined;
  return attempt('FailedGetObjectMetric', 'failed to get object metric value', propose, step);
}

function ofExternal({ metric, target }: NonNullable<MetricSpec['external']>, scene: Scene) {
  const { name } = metric;
  const isShared = target.averageValue !== undefined;
  const propose = async (): Promise<Proposal> => {
    const namespace = scene.autoscaler.metadata.namespace!;
    const values = await trying(`unable to get external metric ${namespace}/${name}/${selectorText(metric)}`, () =>
      externalValues(scene.client, namespace, metric),
    );
    const value = values.reduce((sum, each) => sum + each, 0);
    const { replicas, current } = countOfOne(value, target, isShared, scene);
    return { replicas, metric: externalText(metric), status: { type: 'External', external: { metric, current } } };
  };
  const step = isShared ? `failed to get ${name} external metric` : `failed to get external metric ${name}`;
  return attempt('FailedGetExternalMetric', `failed to get ${name} external metric value`, propose, step);
}

/** For a metric that has one value, which the pods share or which is held against the number of those that are ready. */
function countOfOne(
  value: number,
  target: Readonly<MetricTarget>,
  isShared: boolean,
  { autoscaler, pods, wanted, present }: Scene,
): { readonly replicas: number; readonly current: MetricValueStatus } {
  const tolerance = toleranceOf(autoscaler);
  const count: Count = isShared
    ? countByShare(present, value, thousandths(target.averageValue!), tolerance)
    : countByRatio(pods, wanted, value, thousandths(target.value!), tolerance);
  return { replicas: count.replicas, current: { [isShared ? 'averageValue' : 'value']: amountText(count.usage) } };
}

const usualTolerance = 0.1;

function toleranceOf({ spec }: Readonly<HorizontalPodAutoscaler>): Tolerance {
  const own = (tolerance: string | undefined): number =>
    tolerance === undefined ? usualTolerance : quantityToNumber(parseQuantity(tolerance));
  return { up: own(spec.behavior?.scaleUp?.tolerance), down: own(spec.behavior?.scaleDown?.tolerance) };
}

function externalText(metric: Readonly<MetricIdentifier>): string {
  return `external metric ${metric.name}(${selectorText(metric)})`;
}

/** As Go prints a selector. */
function selectorText({ selector }: Readonly<MetricIdentifier>): string {
  if (selector === undefined) return 'nil';
  const labels = Object.entries(selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  );
  const map = labels.map(([name, value]) => `${name}: ${value},`).join('');
  return `&LabelSelector{MatchLabels:map[string]string{${map}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`;
}

function thousandths(amount: string): number {
  return Number(milliValue(parseQuantity(amount)));
}

function amountText(value: number): string {
  return quantityText(milliQuantityOf(Math.trunc(value)));
}
