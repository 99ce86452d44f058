import type { Pod } from '../../api/core/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { fieldErrorText, notSupported, required } from '../../apimachinery/validation.ts';
import { decodeAs } from './body.ts';
import type { Answer, Core, Operation } from './operation.ts';
import { writeOver } from './write-over.ts';
import { admitUnstored, draftOf } from './write.ts';

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
  await writeOver(
    core,
    { ...operation, request: { ...operation.request, name, subresource: 'binding' } },
    {
      // The server writes on the pod here, not the client: nobody comes to own the node's name.
      owned: true,
      transform: (old) => bound(core, old as Readonly<Pod>, wanted, node),
    },
  );
  return {
    kind: 'value',
    code: 201,
    value: { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 },
  };
}

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
  const pod = draftOf(old) as Pod;
  pod.spec.nodeName = node;
  if (wanted.metadata.annotations)
    pod.metadata.annotations = { ...pod.metadata.annotations, ...wanted.metadata.annotations };
  if (wanted.metadata.labels) pod.metadata.labels = { ...pod.metadata.labels, ...wanted.metadata.labels };
  const others = pod.status?.conditions?.filter(({ type }) => type !== 'PodScheduled') ?? [];
  const now = rfc3339(context.clock.now());
  // A node that was to be made free for the pod is of no more interest: the pod has one.
  const { nominatedNodeName: _, ...status } = pod.status ?? {};
  pod.status = {
    ...status,
    conditions: [
      ...others,
      { type: 'PodScheduled', status: 'True', lastProbeTime: null as never, lastTransitionTime: now },
    ],
  };
  return pod;
}
