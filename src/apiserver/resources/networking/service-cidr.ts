import { ServiceCIDRs, type ServiceCIDR } from '../../../api/networking/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
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
      checkCidrs(errors, spec.cidrs ?? []);
      if (old !== undefined && !jsonEqual(spec.cidrs ?? [], old.spec.cidrs ?? []))
        errors.push(invalid(field, spec.cidrs ?? null, immutableField));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, (object.spec.cidrs ?? []).join(','), ageOf(object, now)],
  },
};

function checkCidrs(errors: Errors, cidrs: readonly string[]): void {
  if (cidrs.length === 0) return void errors.push(required(field, 'at least one CIDR required'));
  if (cidrs.length > 2) return void errors.push(invalid(field, { CIDRs: cidrs }, 'may only hold up to 2 values'));
  if (cidrs.length === 2 && !isDualStack(cidrs))
    return void errors.push(
      invalid(
        field,
        { CIDRs: cidrs },
        'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64',
      ),
    );
  cidrs.forEach((cidr, i) => errors.push(...validateCidr(`${field}[${i}]`, cidr)));
}

/** One of each family, and both can be read. */
function isDualStack(cidrs: readonly string[]): boolean {
  return (
    cidrs.every((cidr) => parseCidr(cidr) !== undefined) &&
    new Set(cidrs.map((cidr) => isIpv6(cidr.split('/')[0]!))).size === 2
  );
}
