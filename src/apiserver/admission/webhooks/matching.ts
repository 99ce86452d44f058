import type { RuleWithOperations } from '../../../api/admissionregistration/v1/types.ts';
import { Namespaces } from '../../../api/core/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import type { LabelMatcher } from '../../../apimachinery/selectors/label-selector.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';

const configurations = new Set([
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
  'mutatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'validatingwebhookconfigurations',
]);

/** Nobody from outside has a say in who has a say, or nobody could end a bad one. */
export function isConfiguration({ group, resource }: ResourceType): boolean {
  return group === 'admissionregistration.k8s.io' && configurations.has(resource);
}

/** Whether a rule names the request, as one for objects of `type`. */
export function ruleCovers(
  rule: Readonly<RuleWithOperations>,
  request: Pick<AdmissionRequest, 'operation' | 'subresource'>,
  type: ResourceType,
): boolean {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope = '*' } = rule;
  return (
    holds(operations, request.operation) &&
    holds(apiGroups, type.group) &&
    holds(apiVersions, type.version) &&
    resources.some((one) => namesResource(one, type.resource, request.subresource)) &&
    isInScope(scope, type)
  );
}

function holds(list: readonly string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

/** `pods`, `*`, `pods/status`, `pods/*`, `*` + `/status`, `*` + `/*`: a name without a slash is of no subresource. */
function namesResource(text: string, resource: string, subresource: string | undefined): boolean {
  const slash = text.indexOf('/');
  const [of, sub] = slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
  if (of !== '*' && of !== resource) return false;
  return sub === '*' ? slash >= 0 : sub === subresource;
}

function isInScope(scope: string, type: ResourceType): boolean {
  // A namespace is an object of the cluster.
  return scope === '*' || (scope === 'Namespaced') === type.namespaced;
}

/** The selectors of a webhook or a policy, compiled. */
export interface Selectors {
  readonly ofNamespace: LabelMatcher;
  readonly ofObject: LabelMatcher;
}

/** Whether they take the request: by the labels of its namespace, and of the object or of the old one. */
export function isSelected({ ofNamespace, ofObject }: Selectors, request: AdmissionRequest, context: ServerContext) {
  const { object, old } = request;
  if (ofObject.requirements.length > 0) {
    const takes = (one: Readonly<KubeObject> | undefined): boolean =>
      one?.metadata !== undefined && ofObject.matches(one.metadata.labels ?? {});
    if (!takes(object) && !takes(old)) return false;
  }
  if (ofNamespace.requirements.length === 0) return true;
  const labels = namespaceLabels(request, context);
  // Objects of the cluster are in no namespace that could be left out.
  return labels === undefined || ofNamespace.matches(labels);
}

function namespaceLabels(
  { type, namespace, object, old }: AdmissionRequest,
  context: ServerContext,
): Readonly<Record<string, string>> | undefined {
  if (type.group === '' && type.resource === 'namespaces') return (object ?? old)?.metadata.labels ?? {};
  if (namespace === undefined) return undefined;
  return context.lookup(Namespaces, { name: namespace })?.metadata.labels ?? {};
}
