import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';

const rejection = rejects(['node(s) had no available volume zone'], { evictionMayHelp: false });

/** Labels of volumes that stand for a place, old names too. */
const places = [
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
];
const newNames: Readonly<Record<string, string>> = { [places[2]!]: places[0]!, [places[3]!]: places[1]! };

/** A place that a volume is in: one of several, for some lie in more than one. */
interface Place {
  readonly label: string;
  readonly values: ReadonlySet<string>;
}

/** Keeps a pod to the zones and regions that its volumes are labelled with. */
export const volumeZone: SchedulerPlugin = {
  name: 'VolumeZone',
  retryOn: ['node-added', 'node-relabelled', 'storage-changed', 'self-changed'],
  filter: {
    prepare({ claims, namespace }, { storage }) {
      const found: Place[] = [];
      for (const name of claims) {
        const { volumeName } = storage.claims.get(`${namespace}/${name}`)?.spec ?? {};
        const labels = (volumeName && storage.volume(volumeName)?.metadata.labels) || {};
        for (const label of places)
          if (labels[label] !== undefined) found.push({ label, values: new Set(labels[label].split('__')) });
      }
      return found.length === 0 ? undefined : found;
    },
    test(found, { labels }) {
      // A node that says nothing of zones is in none: such clusters have no zones.
      if (!places.some((label) => labels[label] !== undefined)) return fits;
      const isThere = found.every(({ label, values }) => {
        const value = labels[label] ?? labels[newNames[label] ?? label];
        return value !== undefined && values.has(value);
      });
      return isThere ? fits : rejection;
    },
  } satisfies FilterStage<readonly Place[]>,
};
