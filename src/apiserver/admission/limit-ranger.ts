import {
  LimitRanges,
  type Container,
  type LimitRange,
  type PersistentVolumeClaim,
  type Pod,
} from '../../api/core/v1/types.ts';
import { wantedAmounts } from '../../api/core/pod-requests.ts';
import { amountsOf, type Amounts } from '../../api/core/quota/amounts.ts';
import {
  compareQuantities,
  milliValue,
  quantityText,
  quantityToNumber,
  type Quantity,
} from '../../apimachinery/quantity.ts';
import type { ServerContext } from '../context.ts';
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts';
import { isFor, notAdmitted } from './refusal.ts';

const annotation = 'kubernetes.io/limit-ranger';

/** Fills in what pods do not ask for, and refuses what is out of the bounds of its namespace's limit ranges. */
export const limitRanger: AdmissionPlugin = {
  name: 'LimitRanger',
  mutate(request, context) {
    if (!isPod(request)) return;
    for (const range of rangesFor(request, context)) fill(request, range);
  },
  validate(request, context) {
    if (!isPod(request) && !isClaim(request)) return;
    for (const range of rangesFor(request, context)) {
      const faults = isPod(request)
        ? faultsOfPod(request.object as Pod, range)
        : faultsOfClaim(request.object as PersistentVolumeClaim, range);
      const distinct = [...new Set(faults)];
      if (distinct.length > 0)
        throw notAdmitted(request, distinct.length === 1 ? distinct[0]! : `[${distinct.join(', ')}]`);
    }
  },
};

/** Containers come with their pod; later only their resources change. */
function isPod(request: AdmissionRequest): boolean {
  if (request.operation === 'CREATE') return isFor(request, '/pods');
  return request.operation === 'UPDATE' && isFor(request, '/pods', 'resize');
}

function isClaim(request: AdmissionRequest): boolean {
  return (
    (request.operation === 'CREATE' || request.operation === 'UPDATE') && isFor(request, '/persistentvolumeclaims')
  );
}

function rangesFor({ namespace, old }: AdmissionRequest, context: ServerContext): readonly Readonly<LimitRange>[] {
  if (old?.metadata.deletionTimestamp !== undefined) return [];
  return context.scan(LimitRanges, namespace);
}

function fill({ object, operation }: AdmissionRequest, { spec }: Readonly<LimitRange>): void {
  const pod = object as Pod;
  const items = (spec.limits ?? []).filter(({ type }) => type === 'Container');
  const limits = Object.assign({}, ...items.map((item) => item.default));
  const requests = Object.assign({}, ...items.map((item) => item.defaultRequest));
  const told: string[] = [];
  const filled = (container: Container, what: string): Container => {
    const own = container.resources ?? {};
    const missing = (has: object = {}, defaults: object): string[] =>
      Object.keys(defaults)
        .filter((name) => !Object.hasOwn(has, name))
        .sort();
    const newRequests = missing(own.requests, requests);
    const newLimits = missing(own.limits, limits);
    if (newRequests.length === 0 && newLimits.length === 0) return container;
    if (newRequests.length > 0) told.push(`${newRequests.join(', ')} request for ${what} ${container.name}`);
    if (newLimits.length > 0) told.push(`${newLimits.join(', ')} limit for ${what} ${container.name}`);
    const resources = { ...own };
    if (newLimits.length > 0) resources.limits = { ...limits, ...own.limits };
    if (newRequests.length > 0) resources.requests = { ...requests, ...own.requests };
    return { ...container, resources };
  };
  const containers = pod.spec.containers.map((one) => filled(one, 'container'));
  const initContainers = pod.spec.initContainers?.map((one) => filled(one, 'init container'));
  if (told.length === 0) return;
  pod.spec = { ...pod.spec, containers, ...(initContainers && { initContainers }) };
  // A resize writes nothing but resources.
  if (operation === 'CREATE')
    pod.metadata.annotations = {
      ...pod.metadata.annotations,
      [annotation]: `LimitRanger plugin set: ${told.join('; ')}`,
    };
}

interface Wants {
  readonly requests: Amounts;
  readonly limits: Amounts;
}

function faultsOfPod(pod: Readonly<Pod>, { spec }: Readonly<LimitRange>): string[] {
  return (spec.limits ?? []).flatMap((item) => {
    const all =
      item.type === 'Pod'
        ? [wantedAmounts(pod)]
        : item.type === 'Container'
          ? [...pod.spec.containers, ...(pod.spec.initContainers ?? [])].map(wantsOf)
          : [];
    return all.flatMap((wants) => [
      ...eachOf(item.min, (name, min) => belowMinimum(item.type, name, min, wants)),
      ...eachOf(item.max, (name, max) => aboveMaximum(item.type, name, max, wants)),
      ...eachOf(item.maxLimitRequestRatio, (name, ratio) => aboveRatio(item.type, name, ratio, wants)),
    ]);
  });
}

function wantsOf({ resources }: Readonly<Container>): Wants {
  return { requests: amountsOf(resources?.requests), limits: amountsOf(resources?.limits) };
}

/** Only what a claim requests counts. */
function faultsOfClaim(claim: Readonly<PersistentVolumeClaim>, { spec }: Readonly<LimitRange>): string[] {
  const requests = amountsOf(claim.spec?.resources?.requests);
  return (spec.limits ?? [])
    .filter(({ type }) => type === 'PersistentVolumeClaim')
    .flatMap(({ type, min, max }) => [
      ...eachOf(min, (name, amount) => belowMinimum(type, name, amount, { requests, limits: {} })),
      ...eachOf(max, (name, amount) => {
        const rule = `maximum ${name} usage per ${type} is ${quantityText(amount)}`;
        const request = requests[name];
        if (request === undefined) return `${rule}.  No request is specified`;
        return isMore(request, amount) ? `${rule}, but request is ${quantityText(request)}` : undefined;
      }),
    ]);
}

/** In the order of names. */
function eachOf(
  bounds: Readonly<Record<string, string>> | undefined,
  check: (name: string, bound: Quantity) => string | undefined,
): string[] {
  const all = amountsOf(bounds);
  return Object.keys(all)
    .sort()
    .map((name) => check(name, all[name]!))
    .filter((fault) => fault !== undefined);
}

function belowMinimum(type: string, name: string, min: Quantity, wants: Wants): string | undefined {
  const rule = `minimum ${name} usage per ${type} is ${quantityText(min)}`;
  const [request, limit] = [wants.requests[name], wants.limits[name]];
  if (request === undefined) return `${rule}.  No request is specified`;
  if (isMore(min, request)) return `${rule}, but request is ${quantityText(request)}`;
  if (limit !== undefined && isMore(min, limit)) return `${rule}, but limit is ${quantityText(limit)}`;
  return undefined;
}

function aboveMaximum(type: string, name: string, max: Quantity, wants: Wants): string | undefined {
  const rule = `maximum ${name} usage per ${type} is ${quantityText(max)}`;
  const [request, limit] = [wants.requests[name], wants.limits[name]];
  if (limit === undefined) return `${rule}.  No limit is specified`;
  if (isMore(limit, max)) return `${rule}, but limit is ${quantityText(limit)}`;
  if (request !== undefined && isMore(request, max)) return `${rule}, but request is ${quantityText(request)}`;
  return undefined;
}

function aboveRatio(type: string, name: string, most: Quantity, wants: Wants): string | undefined {
  const rule = `${name} max limit to request ratio per ${type} is ${quantityText(most)}`;
  const [request, limit] = [wants.requests[name], wants.limits[name]];
  if (request === undefined || request.unscaled === 0n) return `${rule}, but no request is specified or request is 0`;
  if (limit === undefined || limit.unscaled === 0n) return `${rule}, but no limit is specified or limit is 0`;
  const ratio = quantityToNumber(limit) / quantityToNumber(request);
  return ratio * 1000 > Number(milliValue(most)) ? `${rule}, but provided ratio is ${ratio.toFixed(6)}` : undefined;
}

function isMore(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) > 0;
}
