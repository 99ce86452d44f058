import type { ConfigMap, Pod } from '../../../src/api/core/v1/types.ts';

export const namespace = 'default';

export function configMap(
  name: string,
  labels: Record<string, string> = {},
  data: Record<string, string> = {},
): ConfigMap {
  return { metadata: { name, namespace, labels }, data };
}

function pod(name: string, nodeName?: string): Pod {
  return {
    metadata: { name, namespace },
    spec: { ...(nodeName === undefined ? {} : { nodeName }), containers: [{ name: 'app', image: 'app' }] },
  };
}

/** The same in another namespace. */
export function objectsIn(other: string) {
  const moved = <T extends ConfigMap | Pod>(object: T): T => ({
    ...object,
    metadata: { ...object.metadata, namespace: other },
  });
  return {
    configMap: (...args: Parameters<typeof configMap>) => moved(configMap(...args)),
    pod: (...args: Parameters<typeof pod>) => moved(pod(...args)),
  };
}
