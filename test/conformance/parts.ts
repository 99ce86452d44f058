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
  /ConfigMap should be consumable via environment variable/,
  /Deployment deployment should support proportional scaling/,
  /DNS should provide DNS for services/,
  /Downward API should provide pod name, namespace and IP address as env vars/,
  /EndpointSlice should create and delete Endpoints and EndpointSlices/,
  /Garbage collector should delete pods created by rc when not orphaning/,
  /Kubectl expose should create services for rc/,
  /Networking Granular Checks: Pods should function for intra-pod communication: http/,
  /Pods should be submitted and removed/,
  /Probing container with readiness probe should not be ready before initial delay/,
  /Secrets should be consumable from pods in volume/,
  /Services should be able to switch session affinity for service with type clusterIP/,
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
