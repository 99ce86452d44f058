/** Parts of the suite that can be run alone: by the group that owns a test. */
const owners = [
  'api-machinery',
  'apps',
  'architecture',
  'auth',
  'cli',
  'instrumentation',
  'network',
  'node',
  'scheduling',
  'storage',
] as const;

/** Takes under five minutes, and has a little of everything. */
const quick: readonly RegExp[] = [
  /Certificates API .*should support CSR API operations/,
  /ConfigMap should be consumable via environment variable/,
  /Daemon set .*should run and stop simple daemon/,
  /Deployment deployment should support proportional scaling/,
  /DisruptionController should block an eviction until the PDB is updated to allow it/,
  /DNS should provide DNS for services/,
  /Downward API should provide pod name, namespace and IP address as env vars/,
  /EndpointSlice should create and delete Endpoints and EndpointSlices/,
  /Garbage collector should delete pods created by rc when not orphaning/,
  /HostPort validates that there is no conflict/,
  /Job should create pods for an Indexed job/,
  /Kubectl expose should create services for rc/,
  /LimitRange should create a LimitRange with defaults/,
  /Networking Granular Checks: Pods should function for intra-pod communication: http/,
  /PersistentVolumes CSI Conformance should run through the lifecycle/,
  /Pods should be submitted and removed/,
  /Probing container with readiness probe should not be ready before initial delay/,
  /ResourceQuota should create a ResourceQuota and capture the life of a pod/,
  /Secrets should be consumable from pods in volume/,
  /Services should be able to switch session affinity for service with type clusterIP/,
  /StatefulSet .*should have a working scale subresource/,
  /Watchers should observe add, update, and delete watch notifications on configmaps/,
];

export const partNames: readonly string[] = ['quick', ...owners];

/** The pattern, in Go's syntax, of the names of the tests in these parts; all conformance tests where none is named. */
export function focusOf(parts: readonly string[]): string {
  const unknown = parts.filter((part) => !partNames.includes(part));
  if (unknown.length > 0)
    throw new Error(`Cannot run part "${unknown.join('", "')}": the parts are ${partNames.join(', ')}`);
  const conformance = String.raw`\[Conformance\]`;
  if (parts.length === 0) return conformance;
  const patterns = parts.flatMap((part) =>
    part === 'quick'
      ? quick.map(({ source }) => `${source}.*${conformance}`)
      : [String.raw`\[sig-${part}\].*${conformance}`],
  );
  return patterns.length === 1 ? patterns[0]! : `(${patterns.join('|')})`;
}
