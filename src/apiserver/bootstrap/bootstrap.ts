import { ClusterRoleBindings, ClusterRoles } from '../../api/rbac/v1/types.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { jsonEqual } from '../../apimachinery/equality.ts';
import { keyOf, type KubeObject } from '../../apimachinery/object.ts';
import type { ApiRequest, Transport } from '../../apimachinery/request.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { ServerContext } from '../context.ts';
import { dnsObjects } from './cluster-dns.ts';
import {
  apiEndpoints,
  apiService,
  systemBindings,
  systemNamespaces,
  systemPriorityClasses,
  systemRoles,
  type Kept,
} from './objects.ts';
import { flowControlObjects, repairFlowControl } from './flow-control.ts';
import { retiredClusterRoles } from './own-roles.ts';
import { isLeftAlone, repairBinding, repairRole, type Repair } from './reconcile.ts';

/** Everything that a new cluster holds. What is in a namespace comes after it. */
export function bootstrapObjects({ config }: ServerContext): readonly Kept[] {
  const dns = dnsObjects(config);
  return [
    ...systemNamespaces,
    ...systemRoles,
    ...dns.roles,
    ...systemBindings,
    ...dns.bindings,
    ...systemPriorityClasses,
    apiService(config),
    ...apiEndpoints(config),
    ...dns.services,
    ...dns.endpoints,
  ];
}

/**
 * Makes what a cluster must hold and does not, and puts its roles, bindings and the address of its API server right. A
 * server that starts on a good store writes nothing. Of `further` objects only the missing are made. Another server may do
 * the same at the same time.
 */
export async function bootstrap(
  context: ServerContext,
  transport: Transport,
  further: readonly Kept[] = [],
): Promise<void> {
  const { config } = context;
  const dns = dnsObjects(config);
  const keep = async (kept: readonly Kept[], repair: (now: any, wanted: any) => Repair = leave) => {
    await Promise.all(kept.map((one) => ensure(context, transport, one, repair)));
  };
  await keep(systemNamespaces);
  await Promise.all([
    keep([...systemRoles, ...dns.roles], repairRole),
    keep([...systemBindings, ...dns.bindings], repairBinding),
    keep(systemPriorityClasses),
    keep(further),
    keep([apiService(config), ...dns.services]),
    keep([...apiEndpoints(config), ...dns.endpoints], repairContent),
    ...retiredClusterRoles.flatMap((name) =>
      [ClusterRoleBindings, ClusterRoles].map((type) => retire(context, transport, type, name)),
    ),
  ]);
}

/** Nothing is done where somebody has said that the role is left alone. */
async function retire(context: ServerContext, transport: Transport, type: ResourceType, name: string): Promise<void> {
  const there = context.lookup(type, { name });
  if (there === undefined || isLeftAlone(there)) return;
  await unless('NotFound', transport, { type, verb: 'delete', name });
}

const leave = (): Repair => ({ kind: 'none' });

/** Makes objects that are the server's alone, or says in them again just what they should say. */
export async function keepExact(context: ServerContext, transport: Transport, kept: readonly Kept[]): Promise<void> {
  await Promise.all(kept.map((one) => ensure(context, transport, one, repairContent)));
}

/**
 * Makes the flow schemas and priority levels that are missing, and updates those that nobody has taken over. Done again and
 * again: who deletes one has it back.
 */
export async function keepFlowControl(context: ServerContext, transport: Transport): Promise<void> {
  await Promise.all(flowControlObjects.map((one) => ensure(context, transport, one, repairFlowControl)));
}

/** These are the server's alone: they are made to say just what they should. */
function repairContent(now: Readonly<KubeObject>, wanted: Readonly<KubeObject>): Repair {
  const { metadata: _metadata, ...content } = wanted;
  const draft = { ...(cloneJson(now) as KubeObject), ...content };
  if (jsonEqual(draft, now)) return { kind: 'none' };
  // The family of a slice cannot change.
  const replaced = 'addressType' in wanted && (now as { addressType?: unknown }).addressType !== wanted.addressType;
  return replaced ? { kind: 'replace', object: wanted } : { kind: 'update', object: draft };
}

async function ensure(
  context: ServerContext,
  transport: Transport,
  { type, object }: Kept,
  repair: (now: Readonly<KubeObject>, wanted: Readonly<KubeObject>) => Repair,
): Promise<void> {
  const key = keyOf(object);
  const at = { type, ...(key.namespace !== undefined && { namespace: key.namespace }) };
  const there = context.lookup(type, key);
  if (there === undefined) return unless('AlreadyExists', transport, { ...at, verb: 'create', body: object });
  const plan = repair(there, object);
  if (plan.kind === 'none') return;
  const one = { ...at, name: key.name };
  if (plan.kind === 'update') return unless('Conflict', transport, { ...one, verb: 'update', body: plan.object });
  await unless('NotFound', transport, { ...one, verb: 'delete' });
  await unless('AlreadyExists', transport, { ...at, verb: 'create', body: plan.object });
}

/** Another server that starts at the same time may have been quicker, with the same result. */
async function unless(
  expected: 'AlreadyExists' | 'Conflict' | 'NotFound',
  transport: Transport,
  request: ApiRequest,
): Promise<void> {
  try {
    await transport.call(request);
  } catch (error) {
    if (!isStatus(error, expected)) throw error;
  }
}
