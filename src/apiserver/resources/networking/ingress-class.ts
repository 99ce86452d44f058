import {
  IngressClasses,
  type IngressClass,
  type IngressClassParametersReference,
} from '../../../api/networking/v1/types.ts';
import { dnsLabel, dnsSubdomain, pathSegment } from '../../../apimachinery/names.ts';
import { forbidden, invalid, notSupported, required, tooLong } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, immutableField, type Errors } from '../checks.ts';
import { checkDomainPath } from '../domain-path.ts';

const longestController = 250;

export const ingressClass: ResourceDefinition<IngressClass> = {
  type: IngressClasses,

  strategy: {
    hasGeneration: true,

    defaults(draft) {
      draft.spec ??= {};
      if (draft.spec.parameters) draft.spec.parameters.scope ??= 'Cluster';
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      const controller = spec.controller ?? '';
      if (old !== undefined && controller !== (old.spec.controller ?? ''))
        errors.push(invalid('spec.controller', controller, immutableField));
      if (controller.length > longestController) errors.push(tooLong('spec.controller', longestController));
      checkDomainPath(errors, 'spec.controller', controller);
      if (spec.parameters) checkParameters(errors, spec.parameters, 'spec.parameters');
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.spec.controller ?? '',
      parametersText(object.spec.parameters),
      ageOf(object, now),
    ],
  },
};

function checkParameters(errors: Errors, parameters: IngressClassParametersReference, field: string): void {
  const { apiGroup, kind, name, scope, namespace } = parameters;
  if (apiGroup !== undefined) complain(errors, `${field}.apiGroup`, apiGroup, dnsSubdomain(apiGroup));
  if (!kind) errors.push(required(`${field}.kind`));
  else complain(errors, `${field}.kind`, kind, pathSegment(kind));
  if (!name) errors.push(required(`${field}.name`));
  else complain(errors, `${field}.name`, name, pathSegment(name));
  if (scope === undefined) errors.push(required(`${field}.scope`));
  else if (scope !== 'Cluster' && scope !== 'Namespace')
    errors.push(notSupported(`${field}.scope`, scope, ['Cluster', 'Namespace']));
  if (scope === 'Namespace') {
    if (namespace === undefined)
      errors.push(required(`${field}.namespace`, "`parameters.scope` is set to 'Namespace'"));
    else complain(errors, `${field}.namespace`, namespace, dnsLabel(namespace));
  }
  if (scope === 'Cluster' && namespace !== undefined)
    errors.push(forbidden(`${field}.namespace`, "`parameters.scope` is set to 'Cluster'"));
}

function parametersText(parameters: IngressClassParametersReference | undefined): string {
  if (parameters === undefined) return '<none>';
  const { apiGroup, kind, name } = parameters;
  return `${kind}${apiGroup === undefined ? '' : `.${apiGroup}`}/${name}`;
}
