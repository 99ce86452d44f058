import { EndpointSlices } from '../../api/discovery/v1/types.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isNamespaceGoing } from '../../apimachinery/status.ts';
import type { Cluster } from '../../reconciler/controller.ts';
import type { SlicePlan } from './slice-plan.ts';

/** Carries out a plan for the slices of `owner`; those that are written get the annotations. */
export async function writeSlices(
  cluster: Cluster,
  owner: Readonly<KubeObject>,
  labels: Readonly<Record<string, string>>,
  plan: SlicePlan,
  annotations: Readonly<Record<string, string>> = {},
): Promise<void> {
  const { name, namespace } = owner.metadata;
  try {
    for (const content of plan.create) {
      const metadata = {
        name: '',
        generateName: `${name}-`,
        namespace,
        labels: { ...labels },
        annotations: { ...annotations },
      };
      await cluster.create(EndpointSlices, { metadata, ...content }, { owner });
    }
  } catch (error) {
    if (!isNamespaceGoing(error)) throw error;
  }
  for (const slice of plan.update) {
    const metadata = { ...slice.metadata, annotations: { ...slice.metadata.annotations, ...annotations } };
    await cluster.update(EndpointSlices, { ...slice, metadata });
  }
  for (const slice of plan.remove) await cluster.delete(EndpointSlices, slice);
}
