import { Services, type Service } from '../../../../api/core/v1/types.ts';
import { labelNames } from '../../../../apimachinery/names.ts';
import { ageOf, labelsCell } from '../../../rest/cells.ts';
import type { ResourceDefinition } from '../../../rest/resource.ts';
import type { Errors } from '../../checks.ts';
import { allocate } from './allocate.ts';
import { alignAddresses, carryOver } from './carry-over.ts';
import { claim, release } from './claim.ts';
import { serviceDefaults } from './defaults.ts';
import { checkService, checkServiceStatus, checkServiceUpdate } from './validate.ts';
import { serviceWarnings } from './warnings.ts';

/** One address for pods that come and go. */
export const service: ResourceDefinition<Service> = {
  type: Services,

  strategy: {
    allowCreateOnUpdate: true,
    returnDeletedObject: true,
    nameRule: labelNames,
    hasGeneration: false,
    defaults: serviceDefaults,

    prepareForCreate(draft, context) {
      draft.status = { loadBalancer: {} };
      alignAddresses(draft.spec, undefined);
      allocate(draft, undefined, context);
    },

    prepareForUpdate(draft, old, context) {
      carryOver(draft.spec, old.spec);
      allocate(draft, old, context);
    },

    validate(object, old) {
      const errors: Errors = [];
      if (old !== undefined) checkServiceUpdate(errors, object, old);
      checkService(errors, object);
      return errors;
    },

    warnings: serviceWarnings,

    status: {
      validate(object) {
        const errors: Errors = [];
        checkServiceStatus(errors, object);
        return errors;
      },
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.type ?? '',
      object.spec.clusterIPs?.[0] ?? '<none>',
      externalCell(object),
      portsCell(object),
      ageOf(object, now),
      labelsCell(object.spec.selector),
    ],
  },

  selectableFields: {
    'spec.type': ({ spec }) => spec.type ?? '',
    'spec.clusterIP': ({ spec }) => spec.clusterIP ?? '',
  },

  allocator: { claim, release },
};

function externalCell({ spec, status }: Readonly<Service>): string {
  const { externalIPs = [] } = spec;
  if (spec.type === 'ExternalName') return spec.externalName ?? '';
  if (spec.type !== 'LoadBalancer') return externalIPs.join(',') || '<none>';
  const balanced = (status?.loadBalancer?.ingress ?? []).map(({ ip, hostname }) => ip || hostname || '');
  const shown = [...new Set(balanced.filter((one) => one !== ''))].sort();
  return [...(shown.length > 0 ? [shown.join(',')] : []), ...externalIPs].join(',') || '<pending>';
}

function portsCell({ spec }: Readonly<Service>): string {
  const ports = (spec.ports ?? []).map(({ port, nodePort, protocol }) =>
    nodePort ? `${port}:${nodePort}/${protocol}` : `${port}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}
