import { LimitRanges, type LimitRange, type LimitRangeItem, type LimitRangeSpec } from '../../../api/core/v1/types.ts';
import { qualifiedName } from '../../../apimachinery/names.ts';
import { milliValue, quantityToNumber } from '../../../apimachinery/quantity.ts';
import { duplicate, forbidden, invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, type Errors } from '../checks.ts';
import { canonicalQuantity, compareQuantities, readQuantity, roundUpToMilli } from './pod-spec/quantities.ts';
import { isOvercommittable } from './pod-spec/resource-names.ts';
import { checkContainerResourceName, checkResourceName } from './pod-spec/resources.ts';

type Amounts = Record<string, string>;

/** Bounds and defaults for what single containers, pods and claims of a namespace ask for. */
export const limitRange: ResourceDefinition<LimitRange> = {
  type: LimitRanges,

  strategy: {
    allowCreateOnUpdate: true,

    defaults(draft) {
      const spec = (draft.spec ??= {} as LimitRangeSpec) as { limits?: LimitRangeItem[] | null };
      for (const limit of spec.limits ?? []) {
        for (const part of amounts) roundUpToMilli(limit[part]);
        if (limit.type === 'Container') fillContainerDefaults(limit);
      }
      spec.limits ??= null;
    },

    prepareForCreate({ metadata }, { random }) {
      metadata.name ||= random.uuid();
    },

    validate({ spec }) {
      const errors: Errors = [];
      const seen = new Set<string>();
      (spec.limits ?? []).forEach((limit, i) => {
        const type = limit.type ?? '';
        const field = `spec.limits[${i}]`;
        checkType(errors, type, `${field}.type`);
        if (seen.has(type)) errors.push(duplicate(`${field}.type`, type));
        seen.add(type);
        checkLimit(errors, limit, field);
      });
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, ageOf(object, now)],
  },
};

const amounts = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const;

/** A maximum is the default limit, which is the default request; else a minimum is. */
function fillContainerDefaults(limit: LimitRangeItem): void {
  const limits = { ...limit.max, ...limit.default };
  const requests = { ...limit.min, ...limits, ...limit.defaultRequest };
  if (Object.keys(limits).length > 0) limit.default = limits;
  if (Object.keys(requests).length > 0) limit.defaultRequest = requests;
}

const types = ['Pod', 'Container', 'PersistentVolumeClaim'];

function checkType(errors: Errors, type: string, field: string): void {
  const problems = qualifiedName(type);
  complain(errors, field, type, problems);
  if (problems.length === 0 && !type.includes('/') && !types.includes(type))
    errors.push(invalid(field, type, 'must be a standard limit type or fully qualified'));
}

function checkLimit(errors: Errors, limit: Readonly<LimitRangeItem>, field: string): void {
  const { type, min = {}, max = {}, maxLimitRequestRatio: ratios = {} } = limit;
  const checkName = type === 'Pod' || type === 'Container' ? checkContainerResourceName : checkResourceName;
  const checkNames = (part: string, amounts: Amounts): void => {
    for (const name of namesOf(amounts)) checkName(errors, name, `${field}.${part}[${name}]`);
  };
  const isPod = type === 'Pod';
  const limits = isPod ? {} : (limit.default ?? {});
  const requests = isPod ? {} : (limit.defaultRequest ?? {});
  checkNames('max', max);
  checkNames('min', min);
  if (isPod)
    for (const part of ['default', 'defaultRequest'] as const)
      if (namesOf(limit[part]).length > 0)
        errors.push(forbidden(`${field}.${part}`, "may not be specified when `type` is 'Pod'"));
  checkNames('default', limits);
  checkNames('defaultRequest', requests);
  if (type === 'PersistentVolumeClaim' && min['storage'] === undefined && max['storage'] === undefined)
    errors.push(
      required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided'),
    );
  checkNames('maxLimitRequestRatio', ratios);
  for (const name of namesOf({ ...max, ...min, ...limits, ...requests, ...ratios }))
    checkOrder(errors, name, field, {
      min: min[name],
      max: max[name],
      limit: limits[name],
      request: requests[name],
      ratio: ratios[name],
    });
}

function namesOf(amounts: Readonly<Amounts> | undefined): string[] {
  return Object.keys(amounts ?? {}).sort();
}

/** All that is said of one resource. */
interface Bounds {
  readonly min: string | undefined;
  readonly max: string | undefined;
  readonly limit: string | undefined;
  readonly request: string | undefined;
  readonly ratio: string | undefined;
}

/** Minimum ≤ default request ≤ default limit ≤ maximum. What is shown as wrong is at times the other side, as upstream. */
function checkOrder(errors: Errors, name: string, field: string, bounds: Bounds): void {
  const { min, max, limit, request } = bounds;
  const checkAtMost = (
    [what, low]: readonly [string, string | undefined],
    [than, high]: readonly [string, string | undefined],
    part: string,
    shown: string | undefined,
  ): void => {
    if (low === undefined || high === undefined || compareQuantities(low, high) <= 0) return;
    const why = `${what} value ${canonicalQuantity(low)} is greater than ${than} value ${canonicalQuantity(high)}`;
    errors.push(invalid(`${field}.${part}[${name}]`, canonicalQuantity(shown!), why));
  };
  checkAtMost(['min', min], ['max', max], 'min', min);
  checkAtMost(['min', min], ['default request', request], 'defaultRequest', request);
  checkAtMost(['default request', request], ['max', max], 'defaultRequest', request);
  checkAtMost(['default request', request], ['default limit', limit], 'defaultRequest', request);
  checkAtMost(['min', min], ['default', limit], 'default', min);
  checkAtMost(['default', limit], ['max', max], 'default', max);
  checkRatio(errors, `${field}.maxLimitRequestRatio[${name}]`, bounds);
  if (isOvercommittable(name) || limit === undefined || request === undefined) return;
  if (compareQuantities(limit, request) === 0) return;
  const [is, must] = [canonicalQuantity(limit), canonicalQuantity(request)];
  errors.push(
    invalid(
      `${field}.defaultRequest[${name}]`,
      must,
      `default value ${is} must equal to defaultRequest value ${must} in ${name}`,
    ),
  );
}

function checkRatio(errors: Errors, field: string, { ratio, min, max }: Bounds): void {
  if (ratio === undefined) return;
  const shown = canonicalQuantity(ratio);
  if (compareQuantities(ratio, '1') < 0) errors.push(invalid(field, shown, `ratio ${shown} is less than 1`));
  if (min === undefined || max === undefined) return;
  const most = quantityToNumber(readQuantity(max)) / quantityToNumber(readQuantity(min));
  if (Number(milliValue(readQuantity(ratio))) / 1000 > most)
    errors.push(invalid(field, shown, `ratio ${shown} is greater than max/min = ${most.toFixed(6)}`));
}
