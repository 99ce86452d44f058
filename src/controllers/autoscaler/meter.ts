import type { CrossVersionObjectReference, MetricIdentifier } from '../../api/autoscaling/v2/types.ts';
import { PodMetricsResource, type PodMetrics } from '../../api/metrics/v1beta1/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { parseGoDuration } from '../../apimachinery/duration.ts';
import type { KubeList, KubeObject } from '../../apimachinery/object.ts';
import { milliValue, parseQuantity } from '../../apimachinery/quantity.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { labelSelectorText } from '../../apimachinery/selectors/label-selector.ts';
import { StatusError } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';

/** What a pod used: in thousandths of the unit, until `at` for `windowMs`. */
export interface Sample {
  readonly value: number;
  readonly at: number;
  readonly windowMs: number;
}

/** By names of pods. */
export type Samples = ReadonlyMap<string, Sample>;

const usualWindowMs = 60_000;

/** Samples of all pods that the selector chooses; of one container where it is named. Throws Error with the reason. */
export async function resourceSamples(
  client: Client,
  namespace: string,
  labelSelector: string,
  resource: string,
  container?: string,
): Promise<Samples> {
  const { items } = await asked('unable to fetch metrics from resource metrics API', 'get pods.metrics.k8s.io', () =>
    client.list(PodMetricsResource, { namespace, labelSelector }),
  );
  if (items.length === 0) throw new Error('no metrics returned from resource metrics API');
  const samples = items.map((one) => [one.metadata.name, sampleOf(one, resource, container)] as const);
  return new Map(samples.filter((entry): entry is [string, Sample] => entry[1] !== undefined));
}

function sampleOf(metrics: Readonly<PodMetrics>, resource: string, container?: string): Sample | undefined {
  const containers = metrics.containers.filter(({ name }) => container === undefined || name === container);
  const amounts = containers.map(({ usage }) => usage[resource]);
  if (amounts.length === 0 || amounts.includes(undefined)) return undefined;
  return {
    value: amounts.reduce((sum, amount) => sum + thousandths(amount!), 0),
    at: Date.parse(metrics.timestamp),
    windowMs: parseGoDuration(metrics.window) ?? usualWindowMs,
  };
}

/** A value of custom.metrics.k8s.io, in either version. */
interface MetricValue extends KubeObject {
  readonly describedObject: { readonly name: string };
  readonly timestamp: string;
  readonly windowSeconds?: number;
  readonly window?: number;
  readonly value: string;
}

export async function podSamples(
  client: Client,
  namespace: string,
  labelSelector: string,
  metric: Readonly<MetricIdentifier>,
): Promise<Samples> {
  const query = { labelSelector, ...metricQuery(metric) };
  const { items } = await customMetrics(client, 'pods', { namespace, name: '*' }, metric.name, query);
  if (items.length === 0) throw new Error('no metrics returned from custom metrics API');
  const windowOf = ({ windowSeconds, window }: MetricValue): number =>
    windowSeconds === undefined && window === undefined ? usualWindowMs : (windowSeconds ?? window!) * 1000;
  return new Map(
    items.map((one) => [
      one.describedObject.name,
      { value: thousandths(one.value), at: Date.parse(one.timestamp), windowMs: windowOf(one) },
    ]),
  );
}

/** In thousandths. `served`: names the resource of the object's kind. */
export async function objectValue(
  client: Client,
  namespace: string,
  { apiVersion = '', kind, name }: Readonly<CrossVersionObjectReference>,
  metric: Readonly<MetricIdentifier>,
  served: readonly ResourceFacts[],
): Promise<number> {
  const group = apiVersion.includes('/') ? apiVersion.split('/')[0]! : '';
  const query = metricQuery(metric);
  const found = served.find(({ type }) => type.group === group && type.kind === kind)?.type;
  if (found === undefined)
    throw new Error(`${fromCustom}: no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
  const resource = group === '' ? found.resource : `${found.resource}.${group}`;
  const isNamespace = group === '' && kind === 'Namespace';
  const { items } = isNamespace
    ? await customMetrics(client, 'metrics', { namespace, name: metric.name }, undefined, query)
    : await customMetrics(client, resource, { namespace, name }, metric.name, query);
  if (items.length !== 1)
    throw new Error(
      `${fromCustom}: the custom metrics API server returned ${items.length} results when we asked for exactly one`,
    );
  return thousandths(items[0]!.value);
}

interface ExternalValue extends KubeObject {
  readonly value: string;
}

/** The values of all series that the selector of the metric chooses, in thousandths. */
export async function externalValues(
  client: Client,
  namespace: string,
  { name, selector }: Readonly<MetricIdentifier>,
): Promise<readonly number[]> {
  const group = 'external.metrics.k8s.io';
  const type = metricsType(group, 'v1beta1', name) as ResourceType<ExternalValue>;
  const labelSelector = selector === undefined ? '' : labelSelectorText(selector);
  const { items } = await asked('unable to fetch metrics from external metrics API', `get ${name}.${group}`, () =>
    client.list(type, { namespace, ...(labelSelector !== '' && { labelSelector }) }),
  );
  if (items.length === 0) throw new Error('no metrics returned from external metrics API');
  return items.map(({ value }) => thousandths(value));
}

const fromCustom = 'unable to fetch metrics from custom metrics API';
const customGroup = 'custom.metrics.k8s.io';

async function customMetrics(
  client: Client,
  resource: string,
  key: { readonly namespace: string; readonly name: string },
  subresource: string | undefined,
  query: Readonly<Record<string, string>>,
): Promise<KubeList<MetricValue>> {
  for (const version of ['v1beta2', 'v1beta1'])
    try {
      const type = metricsType(customGroup, version, resource);
      return (await client.get(type, key, { subresource, query })) as unknown as KubeList<MetricValue>;
    } catch (error) {
      if (!isNotServed(error)) throw new Error(`${fromCustom}: ${(error as Error).message}`, { cause: error });
    }
  throw new Error(`${fromCustom}: no custom metrics API (${customGroup}) registered`);
}

function metricQuery({ selector }: Readonly<MetricIdentifier>): Record<string, string> {
  const text = selector === undefined ? '' : labelSelectorText(selector);
  return text === '' ? {} : { metricLabelSelector: text };
}

/** What is measured has no recorded kinds: who serves it says which there are. */
function metricsType(group: string, version: string, resource: string): ResourceType {
  return { group, version, resource, kind: '', singular: '', namespaced: true, definition: '' };
}

async function asked<T>(failure: string, what: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    const { message } = error as Error;
    throw new Error(`${failure}: ${isNotServed(error) ? `${message} (${what})` : message}`, { cause: error });
  }
}

/** Nobody answers under this path at all. */
function isNotServed(error: unknown): boolean {
  return error instanceof StatusError && error.status.code === 404 && error.status.details?.name === undefined;
}

function thousandths(amount: string): number {
  return Number(milliValue(parseQuantity(amount)));
}
