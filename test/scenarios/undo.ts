import { ControllerRevisions, Deployments, ReplicaSets, type Deployment } from '../../src/api/apps/v1/types.ts';
import { controllerOf, type KubeObject, type ObjectKey } from '../../src/apimachinery/object.ts';
import type { ResourceType } from '../../src/apimachinery/resource-type.ts';
import type { Client } from '../../src/client/client.ts';
import { deployedRevision } from './rows.ts';

/** What `kubectl rollout undo` does: the template of an earlier revision (the last but one) becomes the present one. */
export async function undo(
  client: Client,
  type: ResourceType<any>,
  key: ObjectKey,
  revision: number | undefined,
): Promise<string[]> {
  const object = await client.get(type, key);
  const known = type === Deployments ? await sets(client, object) : await revisions(client, object);
  const byRevision = known.toSorted((a, b) => b.revision - a.revision);
  const chosen = revision === undefined ? byRevision[1] : byRevision.find((one) => one.revision === revision);
  if (chosen === undefined) return [`error: unable to find specified revision ${revision} in history`];
  await client.patch(type, key, chosen.patch);
  return [`${type.singular}/${key.name} rolled back`];
}

interface Known {
  readonly revision: number;
  readonly patch: { readonly type: 'json' | 'strategic'; readonly body: unknown };
}

async function sets(client: Client, deployment: Readonly<Deployment>): Promise<Known[]> {
  return (await owned(client, ReplicaSets, deployment)).map((set) => {
    const { metadata, spec } = set.spec.template!;
    const { 'pod-template-hash': _hash, ...labels } = metadata?.labels ?? {};
    const value = { metadata: { ...metadata, labels }, spec };
    return {
      revision: deployedRevision(set),
      patch: { type: 'json', body: [{ op: 'replace', path: '/spec/template', value }] },
    };
  });
}

async function revisions(client: Client, owner: Readonly<KubeObject>): Promise<Known[]> {
  return (await owned(client, ControllerRevisions, owner)).map(({ revision, data }) => ({
    revision,
    patch: { type: 'strategic', body: data },
  }));
}

async function owned<T extends KubeObject>(client: Client, type: ResourceType<T>, owner: Readonly<KubeObject>) {
  const { items } = await client.list(type, { namespace: owner.metadata.namespace! });
  return items.filter((one) => controllerOf(one)?.uid === owner.metadata.uid);
}
