import { APIServices, type APIService } from '../../../api/apiregistration/v1/types.ts';
import { dns1035Label, dnsSubdomain } from '../../../apimachinery/names.ts';
import { rfc3339 } from '../../../apimachinery/time.ts';
import { invalid, notSupported, required } from '../../../apimachinery/validation.ts';
import { pathSegmentProblem } from '../../request/path-segment.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { complain, type Errors } from '../checks.ts';

const highestGroupPriority = 20_000;
const highestVersionPriority = 1000;
const conditionStatuses = ['True', 'False', 'Unknown'];

/** Who answers for a version of a group: this server, or one behind a Service (API aggregation). */
export const apiService: ResourceDefinition<APIService> = {
  type: APIServices,

  strategy: {
    nameRule(name) {
      const problem = pathSegmentProblem(name);
      return problem === undefined ? [] : [problem];
    },
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    defaults({ spec }) {
      if (spec.service !== undefined) spec.service.port ??= 443;
    },

    prepareForCreate(draft, context) {
      const isLocal = draft.spec.service === undefined;
      draft.status = isLocal ? { conditions: [localCondition(context.clock.now())] } : {};
    },

    validate({ metadata, spec }) {
      const errors: Errors = [];
      const { group = '', version = '' } = spec;
      const wanted = `${version}.${group}`;
      if (metadata.name !== wanted)
        errors.push(
          invalid('metadata.name', metadata.name, `must be \`spec.version+"."+spec.group\`: ${JSON.stringify(wanted)}`),
        );
      if (group === '' && version !== 'v1')
        errors.push(required('spec.group', 'only v1 may have an empty group and it better be legacy kube'));
      if (group !== '') complain(errors, 'spec.group', group, dnsSubdomain(group));
      complain(errors, 'spec.version', version, dns1035Label(version));
      checkPriority(errors, 'spec.groupPriorityMinimum', spec.groupPriorityMinimum, highestGroupPriority);
      checkPriority(errors, 'spec.versionPriority', spec.versionPriority, highestVersionPriority);
      checkServer(errors, spec);
      return errors;
    },

    status: {
      keepsMetadata: ['labels', 'annotations', 'finalizers', 'ownerReferences'],

      validate({ status }) {
        const errors: Errors = [];
        status?.conditions?.forEach((condition, i) => {
          if (!conditionStatuses.includes(condition.status))
            errors.push(notSupported(`status.conditions[${i}].status`, condition.status, conditionStatuses));
        });
        return errors;
      },
    },
  },

  columns: {
    cells(object, now) {
      const { service } = object.spec;
      const where = service === undefined ? 'Local' : `${service.namespace}/${service.name}`;
      return [object.metadata.name, where, availabilityOf(object), ageOf(object, now)];
    },
  },
};

function localCondition(now: number) {
  return {
    type: 'Available',
    status: 'True',
    lastTransitionTime: rfc3339(now),
    reason: 'Local',
    message: 'Local APIServices are always available',
  };
}

/** The bound is allowed, whatever the message says. */
function checkPriority(errors: Errors, field: string, value: number, highest: number): void {
  if (value <= 0 || value > highest) errors.push(invalid(field, value, `must be positive and less than ${highest}`));
}

function checkServer(errors: Errors, { service, caBundle = '', insecureSkipTLSVerify = false }: APIService['spec']) {
  if (service === undefined) {
    const bytes = Buffer.byteLength(caBundle, 'base64');
    if (bytes > 0) errors.push(invalid('spec.caBundle', `${bytes} bytes`, 'local APIServices may not have a caBundle'));
    if (insecureSkipTLSVerify)
      errors.push(invalid('spec.insecureSkipTLSVerify', true, 'local APIServices may not have insecureSkipTLSVerify'));
    return;
  }
  if (!service.namespace) errors.push(required('spec.service.namespace'));
  if (!service.name) errors.push(required('spec.service.name'));
  const { port = 443 } = service;
  if (port < 1 || port > 65_535)
    errors.push(invalid('spec.service.port', port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (insecureSkipTLSVerify && caBundle !== '')
    errors.push(invalid('spec.insecureSkipTLSVerify', true, 'may not be true if caBundle is present'));
}

function availabilityOf({ status }: Readonly<APIService>): string {
  const condition = status?.conditions?.find(({ type }) => type === 'Available');
  if (condition === undefined) return 'Unknown';
  return condition.status === 'True' || !condition.reason
    ? condition.status
    : `${condition.status} (${condition.reason})`;
}
