import type {
  CrossVersionObjectReference,
  HorizontalPodAutoscalerSpec,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from '../../../api/autoscaling/v2/types.ts';
import { pathSegmentNames } from '../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { checkDnsLabel, complain, type Errors } from '../checks.ts';
import { canonicalQuantity, isPositive } from '../core/pod-spec/quantities.ts';
import { checkContainerResourceName } from '../core/pod-spec/resources.ts';

type CheckReference = (reference: Readonly<CrossVersionObjectReference>, field: string) => void;

const types = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource'];

/** The part of a metric that belongs to its type. */
const partOf: Readonly<Record<string, keyof MetricSpec>> = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  External: 'external',
  ContainerResource: 'containerResource',
};

export function checkMetrics(
  errors: Errors,
  { metrics = [], minReplicas }: Readonly<HorizontalPodAutoscalerSpec>,
  checkReference: CheckReference,
): void {
  metrics.forEach((metric, i) => checkMetric(errors, metric, `spec.metrics[${i}]`, checkReference));
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External'))
    errors.push(
      forbidden(
        'spec.metrics',
        'must specify at least one Object or External metric to support scaling to zero replicas',
      ),
    );
}

function checkMetric(
  errors: Errors,
  metric: Readonly<MetricSpec>,
  field: string,
  checkReference: CheckReference,
): void {
  const { type = '' } = metric;
  const checkType = (): void => {
    if (!types.includes(type)) errors.push(notSupported(`${field}.type`, type, types));
  };
  if (type === '') errors.push(required(`${field}.type`, 'must specify a metric source type'));
  checkType();
  // Only the first is looked at, in this order.
  const present = (['object', 'external', 'pods', 'resource', 'containerResource'] as const).filter(
    (part) => metric[part] !== undefined,
  );
  const [first] = present;
  if (first !== undefined) checkPart(errors, metric, first, `${field}.${first}`, checkReference);
  const expected = partOf[type];
  if (expected !== undefined && metric[expected] === undefined)
    errors.push(required(`${field}.${expected}`, 'must populate information for the given metric source'));
  // Upstream looks twice.
  checkType();
  if (present.length === 1) return;
  for (const part of present.filter((one) => one !== expected).sort())
    errors.push(forbidden(`${field}.${part}`, 'must populate the given metric source only'));
}

function checkPart(
  errors: Errors,
  metric: Readonly<MetricSpec>,
  part: 'object' | 'external' | 'pods' | 'resource' | 'containerResource',
  field: string,
  checkReference: CheckReference,
): void {
  const { object, external, pods, resource, containerResource } = metric;
  const target = metric[part]!.target ?? ({} as MetricTarget);
  const needs = (one: keyof MetricTarget, detail: string, ...isSet: (keyof MetricTarget)[]): void => {
    if (isSet.every((each) => target[each] === undefined)) errors.push(required(`${field}.target.${one}`, detail));
  };
  const both = (one: keyof MetricTarget, other: keyof MetricTarget, detail: string): void => {
    if (target[one] !== undefined && target[other] !== undefined)
      errors.push(forbidden(`${field}.target.${one}`, detail));
  };
  switch (part) {
    case 'object':
      checkReference(object!.describedObject ?? ({} as CrossVersionObjectReference), `${field}.describedObject`);
      checkIdentifier(errors, object!.metric, `${field}.metric`);
      checkTarget(errors, target, `${field}.target`);
      needs('averageValue', 'must set either a target value or averageValue', 'value', 'averageValue');
      break;
    case 'external':
      checkIdentifier(errors, external!.metric, `${field}.metric`);
      checkTarget(errors, target, `${field}.target`);
      needs('averageValue', 'must set either a target value for metric or a per-pod target', 'value', 'averageValue');
      both('value', 'averageValue', 'may not set both a target value for metric and a per-pod target');
      break;
    case 'pods':
      checkIdentifier(errors, pods!.metric, `${field}.metric`);
      checkTarget(errors, target, `${field}.target`);
      needs('averageValue', 'must specify a positive target averageValue', 'averageValue');
      break;
    case 'resource':
    case 'containerResource':
      if (part === 'resource') checkGiven(errors, resource!.name, `${field}.name`, 'must specify a resource name');
      else checkContainer(errors, containerResource!, field);
      checkTarget(errors, target, `${field}.target`);
      needs(
        'averageUtilization',
        'must set either a target raw value or a target utilization',
        'averageUtilization',
        'averageValue',
      );
      both('averageValue', 'averageUtilization', 'may not set both a target raw value and a target utilization');
  }
}

function checkGiven(errors: Errors, value: string | undefined, field: string, detail: string): boolean {
  if (!value) errors.push(required(field, detail));
  return !!value;
}

function checkContainer(
  errors: Errors,
  { name, container }: NonNullable<MetricSpec['containerResource']>,
  field: string,
): void {
  if (checkGiven(errors, name, `${field}.name`, 'must specify a resource name'))
    checkContainerResourceName(errors, name, `${field}.name`);
  if (checkGiven(errors, container, `${field}.container`, 'must specify a container'))
    checkDnsLabel(errors, `${field}.container`, container);
}

function checkIdentifier(errors: Errors, metric: Readonly<MetricIdentifier> | undefined, field: string): void {
  const name = metric?.name ?? '';
  if (name === '') errors.push(required(`${field}.name`, 'must specify a metric name'));
  else complain(errors, `${field}.name`, name, pathSegmentNames(name, false));
}

function checkTarget(errors: Errors, target: Readonly<MetricTarget>, field: string): void {
  const { type = '', averageUtilization } = target;
  if (type === '') errors.push(required(`${field}.type`, 'must specify a metric target type'));
  if (!['Utilization', 'Value', 'AverageValue'].includes(type))
    errors.push(invalid(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'));
  for (const part of ['value', 'averageValue'] as const) {
    const amount = target[part];
    if (amount !== undefined && !isPositive(amount))
      errors.push(invalid(`${field}.${part}`, canonicalQuantity(amount), 'must be positive'));
  }
  if (averageUtilization !== undefined && averageUtilization < 1)
    errors.push(invalid(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'));
}
