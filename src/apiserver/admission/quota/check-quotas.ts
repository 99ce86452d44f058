import type { ResourceQuota } from '../../../api/core/v1/types.ts';
import {
  amountsLine,
  amountsOf,
  amountTexts,
  increase,
  pick,
  plus,
  type Amounts,
} from '../../../api/core/quota/amounts.ts';
import { covers, type Counter } from '../../../api/core/quota/counter.ts';
import { compareQuantities } from '../../../apimachinery/quantity.ts';
import type { AdmissionRequest } from '../admission.ts';
import { notAdmitted } from '../refusal.ts';

/**
 * The quotas of a namespace as they are after the request: those with other numbers are new objects, and the others the
 * same. Throws Forbidden where one does not allow it. `now` is wall time in milliseconds.
 */
export function charged(
  quotas: readonly Readonly<ResourceQuota>[],
  request: AdmissionRequest,
  counter: Counter,
  now: number,
): readonly Readonly<ResourceQuota>[] {
  const { object, old } = request;
  if (object === undefined) return quotas;
  const concerned = quotas.filter((quota) => covers(quota, counter, object));
  for (const quota of concerned) refuseUncountable(request, quota, counter);
  if (concerned.length === 0) return quotas;
  const usage = counter.usage(object, now);
  const negative = Object.keys(pick(usage, (_name, { unscaled }) => unscaled < 0n)).sort();
  if (negative.length > 0) throw notAdmitted(request, `quota usage is negative for resource(s): ${negative.join(',')}`);
  const before = old === undefined ? undefined : counter.usage(old, now);
  return quotas.map((quota) => {
    if (!concerned.includes(quota)) return quota;
    const counted = before !== undefined && covers(quota, counter, old!);
    return withMore(request, quota, counted ? increase(usage, before) : usage);
  });
}

/** What the quota bounds must be said by the object, and counted by the controller. */
function refuseUncountable(request: AdmissionRequest, quota: Readonly<ResourceQuota>, counter: Counter): void {
  const { hard = {}, used = {} } = quota.status ?? {};
  const { name } = quota.metadata;
  const counted = Object.keys(hard)
    .filter((resource) => counter.counts(resource))
    .sort();
  const missing = counter.missing?.(request.object!, counted);
  if (missing !== undefined) throw notAdmitted(request, `failed quota: ${name}: ${missing}`);
  if (counted.some((resource) => used[resource] === undefined))
    throw notAdmitted(request, `status unknown for quota: ${name}, resources: ${counted.join(',')}`);
}

function withMore(request: AdmissionRequest, quota: Readonly<ResourceQuota>, usage: Amounts): Readonly<ResourceQuota> {
  const hard = amountsOf(quota.status?.hard);
  const more = pick(usage, (name, { unscaled }) => unscaled !== 0n && hard[name] !== undefined);
  if (Object.keys(more).length === 0) return quota;
  const used = amountsOf(quota.status?.used);
  const sum = plus(used, more);
  const tooMuch = (name: string): boolean => more[name] !== undefined && compareQuantities(sum[name]!, hard[name]!) > 0;
  if (Object.keys(more).some(tooMuch)) {
    const [asked, has, most] = [more, used, hard].map((amounts) => amountsLine(pick(amounts, tooMuch)));
    throw notAdmitted(
      request,
      `exceeded quota: ${quota.metadata.name}, requested: ${asked}, used: ${has}, limited: ${most}`,
    );
  }
  return { ...quota, status: { ...quota.status, used: amountTexts(sum) } };
}
