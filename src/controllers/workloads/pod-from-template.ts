import type { Pod, PodTemplateSpec } from '../../api/core/v1/types.ts';
import { dnsSubdomain } from '../../apimachinery/names.ts';
import type { KubeObject } from '../../apimachinery/object.ts';

/** A pod as the owner's template describes it, without a name of its own. */
export function podFromTemplate(owner: Readonly<KubeObject>, { metadata = {}, spec }: Readonly<PodTemplateSpec>): Pod {
  const { labels, annotations, finalizers } = metadata;
  const { name, namespace } = owner.metadata;
  return {
    metadata: {
      name: '',
      generateName: prefixOf(name),
      namespace,
      ...(labels && { labels: { ...labels } }),
      ...(annotations && { annotations: { ...annotations } }),
      ...(finalizers && { finalizers: [...finalizers] }),
    },
    spec,
  };
}

/** The owner's name and a dash, unless the dash makes it no name. */
function prefixOf(name: string): string {
  return dnsSubdomain(`${name}-a`).length === 0 ? `${name}-` : name;
}
