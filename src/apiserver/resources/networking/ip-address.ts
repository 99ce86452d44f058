import { IPAddresses, type IPAddress } from '../../../api/networking/v1/types.ts';
import { jsonEqual } from '../../../apimachinery/equality.ts';
import { ipComplaints } from '../../../apimachinery/ip.ts';
import { dnsSubdomain, pathSegment } from '../../../apimachinery/names.ts';
import { invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, immutableField, type Errors } from '../checks.ts';

const field = 'spec.parentRef';

/** One address that somebody has: the name is the address, so that nobody else can have it (KEP-1880). */
export const ipAddress: ResourceDefinition<IPAddress> = {
  type: IPAddresses,

  strategy: {
    hasGeneration: false,
    nameRule: ipComplaints,

    validate({ spec }, old) {
      const errors: Errors = [];
      checkParent(errors, spec?.parentRef);
      if (old !== undefined && !jsonEqual(spec?.parentRef ?? null, old.spec?.parentRef ?? null))
        errors.push(invalid(field, spec?.parentRef ?? null, immutableField));
      return errors;
    },
  },

  columns: {
    // The age is a cell without a column, as upstream.
    cells: (object, now) => [object.metadata.name, parentText(object), ageOf(object, now)],
  },
};

function checkParent(errors: Errors, parent: IPAddress['spec']['parentRef'] | undefined): void {
  if (!parent) return void errors.push(required(field));
  const { group, resource, name, namespace } = parent;
  if (group) complain(errors, `${field}.group`, group, dnsSubdomain(group));
  if (!resource) errors.push(required(`${field}.resource`));
  else complain(errors, `${field}.resource`, resource, pathSegment(resource));
  if (!name) errors.push(required(`${field}.name`));
  else complain(errors, `${field}.name`, name, pathSegment(name));
  if (namespace) complain(errors, `${field}.namespace`, namespace, pathSegment(namespace));
}

function parentText({ spec }: Readonly<IPAddress>): string {
  if (!spec?.parentRef) return '<none>';
  const { group, resource, name, namespace } = spec.parentRef;
  const kind = (group ? `${resource}.${group}` : (resource ?? '')).toLowerCase();
  return [kind, ...(namespace ? [namespace] : []), name].join('/');
}
