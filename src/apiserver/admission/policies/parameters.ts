import type { ParamKind, ParamRef } from '../../../api/admissionregistration/v1/types.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { apiVersionOf } from '../../../apimachinery/resource-type.ts';
import { labelSelectorOf } from '../../../apimachinery/selectors/label-selector.ts';
import type { ServerContext } from '../../context.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { ObjectVersions } from '../object-versions.ts';

/** Why a policy cannot be asked as it or its binding is written. */
export class ConfigurationError extends Error {
  /** Whose fault it is. */
  readonly of: 'policy' | 'binding';

  constructor(of: 'policy' | 'binding', message: string) {
    super(`failed to configure ${of}: ${message}`);
    this.of = of;
  }
}

/**
 * The objects with each of which a policy is asked once; `null` is one without a parameter. Throws
 * {@link ConfigurationError}.
 */
export function parametersFor(
  { apiVersion = '', kind = '' }: Readonly<ParamKind>,
  paramRef: Readonly<ParamRef> | undefined,
  request: AdmissionRequest,
  versions: ObjectVersions,
  context: ServerContext,
): readonly (Readonly<KubeObject> | null)[] {
  const type = versions.ofKind(apiVersion, kind);
  if (type === undefined) {
    const named = `${apiVersion}, Kind=${kind}`;
    throw new ConfigurationError('policy', `failed to find resource referenced by paramKind: '${named}'`);
  }
  if (paramRef === undefined) return [null];
  const { name, selector, parameterNotFoundAction } = paramRef;
  const namespace = type.namespaced ? paramRef.namespace || namespaceOf(request) : undefined;
  if (type.namespaced && namespace === undefined)
    throw new ConfigurationError(
      'binding',
      'cannot use namespaced paramRef in policy binding that matches cluster-scoped resources',
    );
  if (!type.namespaced && paramRef.namespace)
    throw new ConfigurationError('binding', 'paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
  const found = name
    ? [context.lookup(type, { name, namespace })].filter((one) => one !== undefined)
    : context.scan(type, namespace).filter(({ metadata }) => labelSelectorOf(selector).matches(metadata.labels ?? {}));
  if (found.length === 0 && parameterNotFoundAction === 'Deny')
    throw new ConfigurationError('binding', 'no params found for policy binding with `Deny` parameterNotFoundAction');
  return found.map((one) => ({ ...one, kind, apiVersion: apiVersionOf(type) }));
}

/** A namespace is in itself. */
function namespaceOf({ type, name, namespace }: AdmissionRequest): string | undefined {
  return type.group === '' && type.resource === 'namespaces' ? name || undefined : namespace;
}
