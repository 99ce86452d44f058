import type { KubeObject } from '../../../apimachinery/object.ts';
import type { ResourceType } from '../../../apimachinery/resource-type.ts';
import { StatusError } from '../../../apimachinery/status.ts';
import type { UserInfo } from '../../auth/auth.ts';
import { RoleBasedAuthorizer } from '../../auth/rbac.ts';
import { emptyCatalog } from '../../catalog/catalog.ts';
import { Catalogs } from '../../catalog/catalogs.ts';
import { WebhookMetrics } from '../../http/webhook-metrics.ts';
import { testContext } from '../../testing/context.ts';
import type { AdmissionRequest } from '../admission.ts';
import { ObjectVersions } from '../object-versions.ts';
import { admissionPhases } from '../phases.ts';
import { admissionPlugins } from '../plugins.ts';
import { AdmissionPolicies } from '../policies/admission-policies.ts';
import { AdmissionWebhooks } from '../webhooks/webhooks.ts';

/** The user of whoever is not named. */
const admin: UserInfo = { name: 'admin', groups: ['system:masters'] };

const furniture = [
  {
    kind: 'RuntimeClass',
    metadata: { name: 'sandbox' },
    handler: 'gvisor',
    overhead: { podFixed: { cpu: '10m' } },
    scheduling: { nodeSelector: { sandbox: 'yes' }, tolerations: [{ key: 'sandbox', operator: 'Exists' }] },
  },
  { kind: 'Namespace', metadata: { name: 'default' }, status: { phase: 'Active' } },
  { kind: 'Namespace', metadata: { name: 'ending' }, status: { phase: 'Terminating' } },
  { kind: 'ServiceAccount', metadata: { name: 'default', namespace: 'default' } },
  {
    kind: 'ServiceAccount',
    metadata: { name: 'quiet', namespace: 'default' },
    automountServiceAccountToken: false,
    imagePullSecrets: [{ name: 'reg' }],
  },
  { kind: 'PriorityClass', metadata: { name: 'high' }, value: 100, preemptionPolicy: 'Never' },
  {
    kind: 'ClusterRole',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
  },
  { kind: 'ClusterRole', metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] },
  {
    kind: 'ClusterRoleBinding',
    metadata: { name: 'b' },
    roleRef: { kind: 'ClusterRole', name: 'reader' },
    subjects: [{ kind: 'User', name: 'jane' }],
  },
  { kind: 'Pod', metadata: { name: 'mine', namespace: 'default' }, spec: { nodeName: 'one', containers: [] } },
  { kind: 'Pod', metadata: { name: 'far', namespace: 'default' }, spec: { nodeName: 'two', containers: [] } },
] as unknown as KubeObject[];

/** What of a write a test says; `more` are objects that are there besides. */
export interface Ask extends Partial<Omit<AdmissionRequest, 'object' | 'old'>> {
  readonly object?: object;
  readonly old?: object;
  readonly more?: readonly object[];
}

/** Runs all plugins and answers the object, or the text of the refusal. */
export async function admitted<T extends KubeObject>(type: ResourceType<T>, ask: Ask): Promise<T | string> {
  const { more = [], object, old, ...rest } = ask;
  const { context } = testContext({ objects: [...furniture, ...(more as KubeObject[])] });
  const roles = new RoleBasedAuthorizer(context);
  const namespace = type.namespaced ? { namespace: 'default' } : {};
  const complete = (one: object) => structuredClone({ metadata: { name: 'it', ...namespace }, ...one }) as unknown as T;
  const request: AdmissionRequest = {
    operation: 'CREATE',
    type,
    name: 'it',
    user: admin,
    dryRun: false,
    warn() {},
    annotate() {},
    ...namespace,
    ...rest,
    ...(object && { object: complete(object) }),
    ...(old && { old: complete(old) }),
  };
  try {
    const versions = new ObjectVersions(new Catalogs(emptyCatalog()));
    const phases = admissionPhases(
      admissionPlugins({
        authorizer: roles,
        roles,
        writeQuota: async () => {},
        webhooks: new AdmissionWebhooks(versions, { context, authorizer: roles, metrics: new WebhookMetrics() }),
        policies: new AdmissionPolicies(context, versions, roles),
        versions,
      }),
      context,
      request,
    );
    await phases.guard((await phases.mutate()) as T);
    await phases.validate();
  } catch (error) {
    if (error instanceof StatusError) return error.message;
    throw error;
  }
  return request.object as T;
}

/** A pod of one container. */
export const podWith = (spec: object) => ({ object: { spec: { containers: [{ name: 'c' }], ...spec } } });
