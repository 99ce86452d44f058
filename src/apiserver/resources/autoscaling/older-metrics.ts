import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from '../../../api/autoscaling/v2/types.ts';

/** A metric in the form of the first version, which keeps it in an annotation; fields in the order of Go's encoding. */
type Older = Readonly<Record<string, any>>;

const ordered = (target: Older = {}): Older => pickOrdered(target, ['kind', 'name', 'apiVersion']);

export function olderSpec({ type, object, pods, resource, containerResource, external }: Readonly<MetricSpec>): Older {
  return compact({
    type,
    object: object && {
      target: ordered(object.describedObject),
      metricName: object.metric.name,
      targetValue: object.target.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...olderShare(resource.target, 'target') },
    containerResource: containerResource && {
      name: containerResource.name,
      ...olderShare(containerResource.target, 'target'),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  });
}

export function newerSpec(older: Older): MetricSpec {
  const { type, object, pods, resource, containerResource, external } = checked(older);
  return compact({
    type,
    object: object && {
      describedObject: object.target,
      metric: compact({ name: object.metricName, selector: object.selector }),
      target: compact({
        type: object.averageValue === undefined ? 'Value' : 'AverageValue',
        value: object.targetValue,
        averageValue: object.averageValue,
      }),
    },
    pods: pods && {
      metric: compact({ name: pods.metricName, selector: pods.selector }),
      target: { type: 'AverageValue', averageValue: pods.targetAverageValue },
    },
    resource: resource && { name: resource.name, target: newerShare(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      target: newerShare(containerResource),
    },
    external: external && {
      metric: compact({ name: external.metricName, selector: external.metricSelector }),
      target: compact({
        type: external.targetValue === undefined ? 'AverageValue' : 'Value',
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  }) as MetricSpec;
}

export function olderStatus({
  type,
  object,
  pods,
  resource,
  containerResource,
  external,
}: Readonly<MetricStatus>): Older {
  return compact({
    type,
    object: object && {
      target: ordered(object.describedObject),
      metricName: object.metric.name,
      currentValue: object.current.value ?? '0',
      selector: object.metric.selector,
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? '0',
      selector: pods.metric.selector,
    },
    resource: resource && { name: resource.name, ...olderShare(resource.current, 'current') },
    containerResource: containerResource && {
      name: containerResource.name,
      ...olderShare(containerResource.current, 'current'),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: external.metric.selector,
      currentValue: external.current.value ?? '0',
      currentAverageValue: external.current.averageValue,
    },
  });
}

export function newerStatus(older: Older): MetricStatus {
  const { type, object, pods, resource, containerResource, external } = checked(older);
  const share = ({ currentAverageUtilization, currentAverageValue }: Older): MetricValueStatus =>
    compact({ averageUtilization: currentAverageUtilization, averageValue: currentAverageValue });
  return compact({
    type,
    object: object && {
      describedObject: object.target,
      metric: compact({ name: object.metricName, selector: object.selector }),
      current: compact({ value: object.currentValue, averageValue: object.averageValue }),
    },
    pods: pods && {
      metric: compact({ name: pods.metricName, selector: pods.selector }),
      current: { averageValue: pods.currentAverageValue },
    },
    resource: resource && { name: resource.name, current: share(resource) },
    containerResource: containerResource && {
      name: containerResource.name,
      container: containerResource.container,
      current: share(containerResource),
    },
    external: external && {
      metric: compact({ name: external.metricName, selector: external.metricSelector }),
      current: compact({ value: external.currentValue, averageValue: external.currentAverageValue }),
    },
  }) as MetricStatus;
}

/** Throws where a part of a metric is none. */
function checked(older: Older): Older {
  for (const [name, part] of Object.entries(older))
    if (name !== 'type' && part !== null && !isPlain(part))
      throw new TypeError(`Cannot read "${name}" of a metric: it must be an object`);
  return older;
}

/** A measured value has an amount, whatever it says; a target only where it is one. */
function olderShare(
  { averageUtilization, averageValue }: Readonly<Partial<MetricTarget> & MetricValueStatus>,
  what: 'target' | 'current',
): Older {
  return {
    [`${what}AverageUtilization`]: averageUtilization,
    [`${what}AverageValue`]: averageValue ?? (what === 'current' ? '0' : undefined),
  };
}

function newerShare({ targetAverageUtilization, targetAverageValue }: Older): MetricTarget {
  return compact({
    type: targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
    averageValue: targetAverageValue,
    averageUtilization: targetAverageUtilization,
  }) as MetricTarget;
}

/** Without what is not set, one level down, too: what Go leaves out. */
function compact<T extends object>(value: T): T {
  const entries = Object.entries(value).filter(([, one]) => one !== undefined && one !== null);
  return Object.fromEntries(entries.map(([name, one]) => [name, isPlain(one) ? compact(one as object) : one])) as T;
}

function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function pickOrdered(value: Older, names: readonly string[]): Older {
  return Object.fromEntries(names.flatMap((name) => (value[name] ? [[name, value[name]]] : [])));
}
