import { isTooHeavy, mostWeight } from '../../../apimachinery/decode/body-weight.ts';
import type { KubeObject } from '../../../apimachinery/object.ts';
import { apiVersionOf, type ResourceType } from '../../../apimachinery/resource-type.ts';
import type { AdmissionRequest } from '../admission.ts';
import type { Asked } from '../object-versions.ts';

const reviewGroup = 'admission.k8s.io';

/** The `request` of an AdmissionReview (admission.k8s.io), which conditions read too. */
export function reviewRequest({ request, type, object, old }: Asked, uid: string): Record<string, unknown> {
  const { user, name, namespace, operation, subresource, dryRun, options } = request;
  const asked = request.object ?? request.old;
  return {
    uid,
    kind: kindOf(object ?? old, type),
    resource: resourceOf(type),
    ...(subresource !== undefined && { subResource: subresource }),
    requestKind: kindOf(asked, request.type),
    requestResource: resourceOf(request.type),
    ...(subresource !== undefined && { requestSubResource: subresource }),
    ...(name !== '' && { name }),
    ...(namespace !== undefined && { namespace }),
    operation,
    userInfo: {
      username: user.name,
      ...(user.uid && { uid: user.uid }),
      groups: user.groups,
      ...(user.extra && { extra: user.extra }),
    },
    object: typed(object, type),
    oldObject: typed(old, type),
    dryRun,
    options: optionsOf(operation, options),
  };
}

export function reviewOf(version: string, request: Record<string, unknown>): object {
  return { kind: 'AdmissionReview', apiVersion: `${reviewGroup}/${version}`, request };
}

function reviewApiVersion(version: string): string {
  return `${reviewGroup}/${version}`;
}

/** The object's own: what is written to a subresource may be of another kind, such as Scale. */
function kindOf(object: Readonly<KubeObject> | undefined, type: ResourceType) {
  const { apiVersion = apiVersionOf(type), kind = type.kind } = object ?? {};
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  return { group, version, kind };
}

function resourceOf({ group, version, resource }: ResourceType) {
  return { group, version, resource };
}

function typed(object: KubeObject | undefined, type: ResourceType): object | null {
  if (object === undefined) return null;
  const { kind = type.kind, apiVersion = apiVersionOf(type), ...content } = object;
  return { kind, apiVersion, ...content };
}

/** A connection's are its object. */
const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

function optionsOf(operation: AdmissionRequest['operation'], options: unknown): object | null {
  if (operation === 'CONNECT') return null;
  const content = typeof options === 'object' && options !== null ? options : {};
  return { kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1', ...content };
}

export interface ReviewResponse {
  readonly allowed: boolean;
  readonly patch?: readonly unknown[];
  readonly status?: Readonly<Record<string, unknown>>;
  readonly warnings: readonly string[];
  readonly auditAnnotations: Readonly<Record<string, string>>;
}

/** Reads what a webhook has answered. Throws an error in Kubernetes' words for what is no answer to the question. */
export function readReview(text: string, version: string, uid: string, mayPatch: boolean): ReviewResponse {
  const review = recordOf(parsed(text));
  const response = recordOf(review['response']);
  if (review['response'] === undefined || review['response'] === null) throw new Error('webhook response was absent');
  const [kind, apiVersion] = [textOf(review['kind']), textOf(review['apiVersion'])];
  if (version === 'v1') {
    if (response['uid'] !== uid)
      throw new Error(`expected response.uid=${JSON.stringify(uid)}, got ${JSON.stringify(textOf(response['uid']))}`);
    if (kind !== 'AdmissionReview' || apiVersion !== reviewApiVersion(version))
      throw new Error(
        `expected webhook response of ${reviewGroup}/v1, Kind=AdmissionReview, got ${apiVersion}, Kind=${kind}`,
      );
  }
  const { patch, patchType } = response;
  const hasPatch = typeof patch === 'string' && patch !== '';
  if (!mayPatch && hasPatch) throw new Error('validating webhook may not return response.patch');
  if (!mayPatch && patchType !== undefined && patchType !== null)
    throw new Error('validating webhook may not return response.patchType');
  if (version === 'v1' && mayPatch) checkPatchType(hasPatch, patchType);
  return {
    allowed: response['allowed'] === true,
    ...(hasPatch && { patch: patchOf(patch) }),
    ...(response['status'] !== undefined && { status: recordOf(response['status']) }),
    warnings: Array.isArray(response['warnings']) ? response['warnings'].map(String) : [],
    auditAnnotations: Object.fromEntries(
      Object.entries(recordOf(response['auditAnnotations'])).map(([key, value]) => [key, String(value)]),
    ),
  };
}

function checkPatchType(hasPatch: boolean, patchType: unknown): void {
  const isNamed = patchType !== undefined && patchType !== null;
  if (hasPatch && !isNamed) throw new Error('webhook returned response.patch but not response.patchType');
  if (!hasPatch && isNamed) throw new Error('webhook returned response.patchType but not response.patch');
  if (isNamed && patchType !== 'JSONPatch')
    throw new Error(`webhook returned invalid response.patchType of ${JSON.stringify(patchType)}`);
}

function patchOf(encoded: string): readonly unknown[] {
  const bytes = Buffer.from(encoded, 'base64');
  if (isTooHeavy(bytes)) throw new Error(`the patch has more than ${mostWeight} values`);
  const patch = parsed(bytes.toString());
  if (!Array.isArray(patch)) throw new Error('the patch is no list of operations');
  return patch;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`couldn't get version/kind; json parse error: ${(error as Error).message}`, { cause: error });
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
