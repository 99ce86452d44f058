import type { Scale } from '../../api/autoscaling/v1/types.ts';
import type { HorizontalPodAutoscaler } from '../../api/autoscaling/v2/types.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { groupResourceOf, type ResourceType } from '../../apimachinery/resource-type.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { Client } from '../../client/client.ts';
import type { Cluster } from '../../reconciler/controller.ts';

/** What an autoscaler gives a size to: the kind, by its view as a Scale. */
export interface Target {
  readonly type: ResourceType<Scale>;
  readonly scale: Readonly<Scale>;
}

/** How often a size is written that meets other writes of the target. */
const tries = 5;
const subresource = 'scale';

/** Finds the kind that the reference means among those that are served, in whatever version. Throws with the reason. */
export async function readScale(
  { metadata, spec }: Readonly<HorizontalPodAutoscaler>,
  served: readonly ResourceFacts[],
  client: Client,
): Promise<Target> {
  const { apiVersion = '', kind, name } = spec.scaleTargetRef;
  const parts = apiVersion.split('/');
  if (parts.length > 2) throw new Error(`unexpected GroupVersion string: ${apiVersion}`);
  const group = parts.length === 2 ? parts[0]! : '';
  const found = served.filter(({ type }) => type.group === group && type.kind === kind);
  if (found.length === 0)
    throw new Error(`no matches for kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`);
  const types = new Map(found.map(({ type }) => [groupResourceOf(type), type as ResourceType<Scale>]));
  let failure: unknown;
  for (const type of types.values())
    try {
      return { type, scale: await scaleOf(client, type, metadata.namespace, name) };
    } catch (error) {
      failure ??= error;
    }
  throw failure;
}

/** Writes the size, whoever else writes the target meanwhile. */
export async function writeScale({ type, scale }: Target, replicas: number, cluster: Cluster): Promise<void> {
  const { namespace, name } = scale.metadata;
  let now = scale;
  for (let count = 1; ; count++)
    try {
      await cluster.update(type, { ...now, spec: { ...now.spec, replicas } }, { subresource });
      return;
    } catch (error) {
      if (count === tries || !isStatus(error, 'Conflict')) throw error;
      now = await scaleOf(cluster.client, type, namespace, name);
    }
}

async function scaleOf(
  client: Client,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
): Promise<Scale> {
  return (await client.get(type, { namespace, name }, { subresource })) as Scale;
}
