import { ServiceCIDRs, type ServiceCIDR } from '../../../api/networking/v1/types.ts';
import { isIpv6, parseCidr, validateCidr } from '../../../apimachinery/ip.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { immutableField, type Errors } from '../checks.ts';

const field = 'spec.cidrs';

/** Addresses that Services can have (KEP-1880). */
export const serviceCidr: ResourceDefinition<ServiceCIDR> = {
  type: ServiceCIDRs,

  strategy: {
    hasGeneration: false,
    keepsStatusOnCreate: true,

    defaults(draft) {
      draft.spec ??= {};
      draft.status ??= {};
    },

    // As kinds that are younger than 1.20 do (`ResetObjectMetaForStatus`).
    status: { keepsMetadata: ['labels', 'annotations', 'finalizers', 'ownerReferences'] },

    validate({ spec }, old) {
      const errors: Errors = [];
      if (old === undefined) checkCidrs(errors, spec.cidrs ?? []);
      else checkChange(errors, spec.cidrs ?? [], old.spec.cidrs ?? []);
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, (object.spec.cidrs ?? []).join(','), ageOf(object, now)],
  },
};

/** All that may change is that a range of the other family joins the first one. */
function checkChange(errors: Errors, cidrs: readonly string[], old: readonly string[]): void {
  const joins = cidrs.length === 2 && old.length === 1;
  if (cidrs.length !== old.length && !joins) return void errors.push(invalid(field, cidrs, immutableField));
  old.forEach((cidr, i) => {
    if (cidrs[i] !== cidr) errors.push(invalid(`${field}[${i}]`, cidrs[i], immutableField));
  });
  if (joins) checkCidrs(errors, cidrs);
}

function checkCidrs(errors: Errors, cidrs: readonly string[]): void {
  if (cidrs.length === 0) return void errors.push(required(field, 'at least one CIDR required'));
  if (cidrs.length > 2) return void errors.push(invalid(field, { CIDRs: cidrs }, 'may only hold up to 2 values'));
  cidrs.forEach((cidr, i) => errors.push(...validateCidr(`${field}[${i}]`, cidr)));
  const rule = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';
  if (cidrs.length === 2 && areOfOneFamily(cidrs)) errors.push(invalid(field, cidrs, rule));
}

function areOfOneFamily(cidrs: readonly string[]): boolean {
  const families = new Set(
    cidrs.map((cidr) => (parseCidr(cidr) === undefined ? undefined : isIpv6(cidr.split('/')[0]!))),
  );
  return families.size === 1 && !families.has(undefined);
}
