import type { Pod } from '../../api/core/v1/types.ts';
import { deepFreeze } from '../../apimachinery/freeze.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { fieldErrorText, notSupported, required } from '../../apimachinery/validation.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import { decodeAs } from './body.ts';
import { guaranteedUpdate, type Outcome } from './guaranteed-update.ts';
import { isDryRun, keyOfOperation, type Answer, type Core, type Operation } from './operation.ts';
import { withTurns } from './with-turns.ts';
import { admitUnstored, encode, put } from './write.ts';

interface Binding extends KubeObject {
  target?: { kind?: string; name?: string };
}

/**
 * `pods/x/binding`, or the older `bindings`: the scheduler's decision. Sets the node, merges labels and annotations,
 * and marks the pod as scheduled.
 */
export async function binding(core: Core, operation: Operation): Promise<Answer> {
  const wanted = decodeAs<Binding>(operation, 'io.k8s.api.core.v1.Binding', { kind: 'Binding', apiVersion: 'v1' });
  const name = operation.request.name ?? wanted.metadata.name;
  if (wanted.metadata.name !== name) throw refused.badRequest('name in URL does not match name in Binding object');
  const { kind = '', name: node = '' } = wanted.target ?? {};
  if (kind !== '' && kind !== 'Node')
    throw refused.other(500, undefined, fieldErrorText(notSupported('target.kind', kind, ['Node', '<empty>'])));
  if (node === '') throw refused.other(500, undefined, fieldErrorText(required('target.name')));
  await admitUnstored(core, operation, { operation: 'CREATE', object: wanted, name });
  const onPod = { ...operation, request: { ...operation.request, name } };
  return guaranteedUpdate(core, onPod, ({ key, entry }) => bind(core, onPod, key, entry, wanted, node));
}

/**
 * Writes the node into the stored pod. As upstream's, this is no update that a client makes: it is not admitted, checked
 * or owned as one, and all that it leaves alone stays the stored object's own part.
 */
async function bind(
  core: Core,
  given: Operation,
  key: string,
  entry: CachedObject | undefined,
  wanted: Binding,
  node: string,
): Promise<Outcome> {
  const { served } = given;
  if (entry === undefined) throw refused.notFound(served.type, keyOfOperation(given).name);
  const { nextTurn } = withTurns(core, given, entry.stored.length);
  if (nextTurn !== undefined) await nextTurn();
  const old = entry.object(served.form) as Readonly<Pod>;
  const pod = bound(core, old, wanted, node);
  if (isDryRun(given)) return { answer: success };
  if (nextTurn !== undefined) await nextTurn();
  const encoding = encode(served, pod, { object: old, bytes: entry.stored });
  const bytes = encoding instanceof Promise ? await encoding : encoding;
  const result = await put(core, given, key, entry.revision, bytes);
  if (!result.committed) return { current: result.current };
  await core.cache.reached(result.revision);
  return { answer: success };
}

const success: Answer = Object.freeze({
  kind: 'value',
  code: 201,
  value: deepFreeze({ kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }),
});

/** Shares with `old` what it leaves alone. */
function bound({ context }: Core, old: Readonly<Pod>, wanted: Binding, node: string): Pod {
  const { metadata } = old;
  const conflict = (why: string) => refused.conflict({ group: '', resource: 'pods/binding' }, metadata.name, why);
  if (wanted.metadata.uid && wanted.metadata.uid !== metadata.uid) {
    throw conflict(
      `Precondition failed: UID in precondition: ${wanted.metadata.uid}, UID in object meta: ${metadata.uid}`,
    );
  }
  if (metadata.deletionTimestamp !== undefined)
    throw conflict(`pod ${metadata.name} is being deleted, cannot be assigned to a host`);
  if (old.spec.nodeName)
    throw conflict(`pod ${metadata.name} is already assigned to node ${JSON.stringify(old.spec.nodeName)}`);
  if ((old.spec.schedulingGates?.length ?? 0) > 0)
    throw conflict(`pod ${metadata.name} has non-empty .spec.schedulingGates`);
  const { annotations, labels } = wanted.metadata;
  const others = old.status?.conditions?.filter(({ type }) => type !== 'PodScheduled') ?? [];
  const now = rfc3339(context.clock.now());
  // A node that was to be made free for the pod is of no more interest: the pod has one.
  const { nominatedNodeName: _, ...status } = old.status ?? {};
  return {
    ...old,
    metadata: {
      ...metadata,
      ...(annotations && { annotations: { ...metadata.annotations, ...annotations } }),
      ...(labels && { labels: { ...metadata.labels, ...labels } }),
    },
    spec: { ...old.spec, nodeName: node },
    status: {
      ...status,
      conditions: [
        ...others,
        { type: 'PodScheduled', status: 'True', lastProbeTime: null as never, lastTransitionTime: now },
      ],
    },
  };
}
