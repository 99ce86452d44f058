import type { KubeObject, ObjectKey } from '../../apimachinery/object.ts';
import { keyOf, keyText } from '../../apimachinery/object.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { Clock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemoryStore } from '../../store/memory/memory-store.ts';
import type { Follower, ServerConfig, ServerContext } from '../context.ts';
import { NodePortAllocator } from '../resources/core/service/node-port-allocator.ts';

const testConfig: ServerConfig = {
  serviceCidr: '10.96.0.0/16',
  nodePorts: { from: 30000, to: 32767 },
  issuer: 'https://kubernetes.default.svc.cluster.local',
  audiences: ['https://kubernetes.default.svc.cluster.local'],
  advertise: { host: '192.0.2.1', port: 6443 },
};

/**
 * A server context over a plain set of objects, for tests of the parts that read from it. Objects are told apart by
 * kind.
 */
export function testContext(
  options: { clock?: Clock; objects?: readonly KubeObject[]; config?: Partial<ServerConfig> } = {},
) {
  const kinds = new Map<string, Map<string, KubeObject>>();
  const followers = new Map<string, Follower<KubeObject>[]>();
  let revision = 0;
  const ofKind = (kind: string) => kinds.get(kind) ?? kinds.set(kind, new Map()).get(kind)!;

  function change(kind: string, key: string, now: KubeObject | undefined): void {
    const before = ofKind(kind).get(key);
    if (now === undefined) ofKind(kind).delete(key);
    else ofKind(kind).set(key, now);
    revision++;
    for (const follower of followers.get(kind) ?? []) follower(now, before, revision);
  }
  const put = (object: KubeObject) => change(object.kind!, keyText(keyOf(object)), object);
  const config = { ...testConfig, ...options.config };
  // What every cluster has from its start, and no test counts as a change.
  const range = { kind: 'ServiceCIDR', metadata: { name: 'kubernetes' }, spec: { cidrs: [config.serviceCidr] } };
  ofKind('ServiceCIDR').set('kubernetes', range);
  options.objects?.forEach(put);
  const clock = options.clock ?? new VirtualClock();

  const context: ServerContext = {
    clock,
    random: new SeededRandom(1),
    log: silentLogger,
    config,
    nodePorts: new NodePortAllocator(new MemoryStore({ clock }), config.nodePorts),
    lookup: <T extends KubeObject>(type: ResourceType<T>, key: ObjectKey) =>
      ofKind(type.kind).get(keyText(key)) as T | undefined,
    labelsOf: (type: ResourceType, key: ObjectKey) => ofKind(type.kind).get(keyText(key))?.metadata.labels ?? {},
    stateOf: (type: ResourceType, key: ObjectKey) => () => ofKind(type.kind).get(keyText(key)),
    scan: <T extends KubeObject>(type: ResourceType<T>, namespace?: string) =>
      [...ofKind(type.kind).values()].filter(
        (one) => namespace === undefined || one.metadata.namespace === namespace,
      ) as T[],
    follow: <T extends KubeObject>(type: ResourceType<T>, onChange: Follower<T>) => {
      followers.set(type.kind, [...(followers.get(type.kind) ?? []), onChange as Follower<KubeObject>]);
      for (const object of ofKind(type.kind).values()) onChange(object as T, undefined, revision);
    },
  };
  return {
    context,
    /** Creates or replaces: one revision more, as every change. */
    put,
    /** `key` is `namespace/name`, or the name. */
    remove: (kind: string, key: string) => change(kind, key, undefined),
  };
}
