import type { HorizontalPodAutoscaler as Old } from '../../../api/autoscaling/v1/types.ts';
import {
  HorizontalPodAutoscalers,
  type HorizontalPodAutoscaler,
  type HPAScalingRules,
  type MetricSpec,
  type MetricStatus,
} from '../../../api/autoscaling/v2/types.ts';
import { schema } from '../../../api/schema.ts';
import { decodeValue } from '../../../apimachinery/decode/decode.ts';
import { structureOf } from '../../../apimachinery/structure.ts';
import { usualUtilization } from './horizontal-pod-autoscaler.ts';
import { kept, withoutKept } from './kept-annotations.ts';
import { newerSpec, newerStatus, olderSpec, olderStatus } from './older-metrics.ts';

type Part = Pick<Partial<HorizontalPodAutoscaler>, 'status'> & { spec?: Partial<HorizontalPodAutoscaler['spec']> };

/** An autoscaler of the first version as one of the newer; shares parts with it. */
export function toNewer({ metadata, spec, status }: Readonly<Old>): HorizontalPodAutoscaler {
  const { targetCPUUtilizationPercentage: cpu, ...others } = spec;
  const annotations = metadata.annotations ?? {};
  const metrics = [
    ...(read(annotations[kept.metrics], (all) => ({ spec: { metrics: all.map(newerSpec) } }))?.spec?.metrics ?? []),
    ...(cpu === undefined ? [] : [cpuMetric(cpu)]),
  ];
  const behavior = read(annotations[kept.behavior], (rules) => ({ spec: { behavior: newerBehavior(rules) } }));
  const object: HorizontalPodAutoscaler = {
    apiVersion: 'autoscaling/v2',
    kind: HorizontalPodAutoscalers.kind,
    metadata: { ...metadata },
    spec: {
      ...others,
      metrics: metrics.length > 0 ? metrics : [cpuMetric(usualUtilization)],
      ...(Object.keys(behavior?.spec?.behavior ?? {}).length > 0 && { behavior: behavior!.spec!.behavior! }),
    },
    ...(status !== undefined && { status: newerWhole(status, annotations) }),
  };
  withoutKept(object.metadata);
  return object;
}

/** An autoscaler of the newer version as one of the first; shares parts with it. */
export function fromNewer({ metadata, spec, status }: Readonly<HorizontalPodAutoscaler>): Old {
  const { metrics = [], behavior, ...others } = spec;
  const cpu = metrics.find(isOfCpu)?.resource!.target.averageUtilization;
  const rest = metrics.filter((metric) => !isOfCpu(metric)).map(olderSpec);
  const measured = status?.currentMetrics ?? [];
  const conditions = status?.conditions ?? [];
  const keep: Record<string, string> = {};
  if (rest.length > 0) keep[kept.metrics] = JSON.stringify(rest);
  if (measured.length > 0) keep[kept.currentMetrics] = JSON.stringify(measured.map(olderStatus));
  if (behavior !== undefined) keep[kept.behavior] = JSON.stringify(olderBehavior(behavior));
  if (conditions.length > 0) keep[kept.conditions] = JSON.stringify(conditions.map(inGosOrder));
  const object: Old = {
    apiVersion: 'autoscaling/v1',
    kind: HorizontalPodAutoscalers.kind,
    metadata: { ...metadata },
    spec: { ...others, ...(cpu !== undefined && { targetCPUUtilizationPercentage: cpu }) },
    ...(status !== undefined && { status: olderWhole(status) }),
  };
  withoutKept(object.metadata);
  if (Object.keys(keep).length > 0) object.metadata.annotations = { ...object.metadata.annotations, ...keep };
  return object;
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function isOfCpu({ type, resource }: Readonly<MetricSpec>): boolean {
  return type === 'Resource' && resource?.name === 'cpu' && resource.target?.averageUtilization !== undefined;
}

function newerWhole(
  { currentCPUUtilizationPercentage: cpu, ...others }: Readonly<NonNullable<Old['status']>>,
  annotations: Readonly<Record<string, string>>,
): NonNullable<HorizontalPodAutoscaler['status']> {
  const told = read(annotations[kept.currentMetrics], (all) => ({
    status: { desiredReplicas: 0, currentMetrics: all.map(newerStatus) },
  }))?.status?.currentMetrics;
  const share: MetricStatus[] | null =
    cpu === undefined ? null : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: cpu } } }];
  const conditions = read(annotations[kept.conditions], (all) => ({
    status: { desiredReplicas: 0, conditions: all },
  }))?.status?.conditions;
  return { ...others, currentMetrics: told ?? share, ...(conditions !== undefined && { conditions }) };
}

function olderWhole(status: Readonly<NonNullable<HorizontalPodAutoscaler['status']>>): NonNullable<Old['status']> {
  const { conditions: _conditions, currentMetrics, currentReplicas = 0, ...others } = status;
  const cpu = currentMetrics?.findLast(
    ({ type, resource }) =>
      type === 'Resource' && resource?.name === 'cpu' && resource.current?.averageUtilization !== undefined,
  )?.resource?.current.averageUtilization;
  return { ...others, currentReplicas, ...(cpu !== undefined && { currentCPUUtilizationPercentage: cpu }) };
}

/** Behaviour is kept as Go has it in memory: under other names, and with all that is not set. */
function olderBehavior({ scaleUp, scaleDown }: Readonly<NonNullable<HorizontalPodAutoscaler['spec']['behavior']>>) {
  const rules = (one: Readonly<HPAScalingRules> | undefined) =>
    one === undefined
      ? null
      : {
          StabilizationWindowSeconds: one.stabilizationWindowSeconds ?? null,
          SelectPolicy: one.selectPolicy ?? null,
          Policies:
            one.policies?.map(({ type, value, periodSeconds }) => ({
              Type: type,
              Value: value,
              PeriodSeconds: periodSeconds,
            })) ?? null,
          Tolerance: one.tolerance ?? null,
        };
  return { ScaleUp: rules(scaleUp), ScaleDown: rules(scaleDown) };
}

function newerBehavior({ ScaleUp, ScaleDown }: any): HorizontalPodAutoscaler['spec']['behavior'] {
  const rules = (one: any) => ({
    stabilizationWindowSeconds: one.StabilizationWindowSeconds,
    selectPolicy: one.SelectPolicy,
    policies: one.Policies?.map(({ Type, Value, PeriodSeconds }: any) => ({
      type: Type,
      value: Value,
      periodSeconds: PeriodSeconds,
    })),
    tolerance: one.Tolerance,
  });
  return { ...(ScaleUp && { scaleUp: rules(ScaleUp) }), ...(ScaleDown && { scaleDown: rules(ScaleDown) }) };
}

function inGosOrder({
  type,
  status,
  lastTransitionTime = null as never,
  reason,
  message,
}: Readonly<NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['conditions']>[number]>) {
  return { type, status, lastTransitionTime, reason: reason || undefined, message: message || undefined };
}

/** What an annotation holds, as part of a newer autoscaler; nothing if it is not what it should be. */
function read(text: string | undefined, make: (value: any) => Part): Part | undefined {
  if (text === undefined) return undefined;
  try {
    const part = make(JSON.parse(text));
    return decodeValue(part, structureOf(schema, HorizontalPodAutoscalers.definition)).value as Part;
  } catch {
    return undefined;
  }
}
