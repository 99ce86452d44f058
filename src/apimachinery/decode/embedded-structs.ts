/** Structs of Kubernetes' Go types that another one takes in as if their fields were its own, and what is really its own. */
const embeddings: Readonly<Record<string, { readonly embedded: string; readonly own: readonly string[] }>> = {
  ConfigMapEnvSource: { embedded: 'LocalObjectReference', own: ['optional'] },
  ConfigMapKeySelector: { embedded: 'LocalObjectReference', own: ['key', 'optional'] },
  ConfigMapProjection: { embedded: 'LocalObjectReference', own: ['items', 'optional'] },
  ConfigMapVolumeSource: { embedded: 'LocalObjectReference', own: ['items', 'defaultMode', 'optional'] },
  DeviceAllocationConfiguration: { embedded: 'DeviceConfiguration', own: ['source', 'requests'] },
  DeviceClaimConfiguration: { embedded: 'DeviceConfiguration', own: ['requests'] },
  DeviceClassConfiguration: { embedded: 'DeviceConfiguration', own: [] },
  EphemeralContainer: { embedded: 'EphemeralContainerCommon', own: ['targetContainerName'] },
  IngressRule: { embedded: 'IngressRuleValue', own: ['host'] },
  NamedRuleWithOperations: { embedded: 'RuleWithOperations', own: ['resourceNames'] },
  PersistentVolumeSpec: {
    embedded: 'PersistentVolumeSource',
    own: [
      'capacity',
      'accessModes',
      'claimRef',
      'persistentVolumeReclaimPolicy',
      'storageClassName',
      'mountOptions',
      'volumeMode',
      'nodeAffinity',
      'volumeAttributesClassName',
    ],
  },
  Probe: {
    embedded: 'ProbeHandler',
    own: [
      'initialDelaySeconds',
      'timeoutSeconds',
      'periodSeconds',
      'successThreshold',
      'failureThreshold',
      'terminationGracePeriodSeconds',
    ],
  },
  RuleWithOperations: { embedded: 'Rule', own: ['operations'] },
  SecretEnvSource: { embedded: 'LocalObjectReference', own: ['optional'] },
  SecretKeySelector: { embedded: 'LocalObjectReference', own: ['key', 'optional'] },
  SecretProjection: { embedded: 'LocalObjectReference', own: ['items', 'optional'] },
  Volume: { embedded: 'VolumeSource', own: ['name'] },
};

/** The embedded structs through which Go reaches a member of a struct, the outermost first; mostly none. */
export function embeddedOnTheWay(struct: string, member: string): string[] {
  const names: string[] = [];
  for (let at = embeddings[struct]; at !== undefined && !at.own.includes(member); at = embeddings[at.embedded])
    names.push(at.embedded);
  return names;
}
