/**
 * Kubernetes shows what changed in a pod, claim or volume in the form that its server keeps inside: other names, every
 * field, unset ones too. Users know these differences and tools read them, so they are shown alike. Each line lists the fields of a
 * type in order; the letter says what an unset field looks like, a name says of which type it is.
 *
 * `s` text, `n` number, `b` truth value, `-` null; `T` a part that is always there, `*T` one that may be missing,
 * `[]T` a list.
 */
const shapes: Readonly<Record<string, string>> = {
  PodSpec:
    'Volumes []Volume, InitContainers []Container, Containers []Container, EphemeralContainers []EphemeralContainer, RestartPolicy s, TerminationGracePeriodSeconds -, ActiveDeadlineSeconds -, DNSPolicy s, NodeSelector -, ServiceAccountName s, AutomountServiceAccountToken -, NodeName s, SecurityContext *PodSecurityContext, ImagePullSecrets []Reference, Hostname s, HostnameOverride -, Subdomain s, SetHostnameAsFQDN -, Affinity *Affinity, SchedulerName s, Tolerations []Toleration, HostAliases []HostAlias, PriorityClassName s, Priority -, PreemptionPolicy -, DNSConfig *DNSConfig, ReadinessGates []Gate, RuntimeClassName -, Overhead -, EnableServiceLinks -, TopologySpreadConstraints []Spread, OS *System, SchedulingGates []Reference, ResourceClaims []ResourceClaim, Resources *Resources, SchedulingGroup *SchedulingGroup',
  PodSecurityContext:
    'HostNetwork b, HostPID b, HostIPC b, ShareProcessNamespace -, HostUsers -, SELinuxOptions *SELinux, WindowsOptions *Windows, RunAsUser -, RunAsGroup -, RunAsNonRoot -, SupplementalGroups -, SupplementalGroupsPolicy -, FSGroup -, FSGroupChangePolicy -, Sysctls []Pair, SeccompProfile *Profile, AppArmorProfile *Profile, SELinuxChangePolicy -',
  Container:
    'Name s, Image s, Command -, Args -, WorkingDir s, Ports []Port, EnvFrom []EnvFrom, Env []Env, Resources Resources, ResizePolicy []Resize, RestartPolicy -, RestartPolicyRules -, VolumeMounts []Mount, VolumeDevices []Device, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath s, TerminationMessagePolicy s, ImagePullPolicy s, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY b',
  EphemeralContainer:
    'Name s, Image s, Command -, Args -, WorkingDir s, Ports []Port, EnvFrom []EnvFrom, Env []Env, Resources Resources, ResizePolicy []Resize, RestartPolicy -, RestartPolicyRules -, VolumeMounts []Mount, VolumeDevices []Device, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath s, TerminationMessagePolicy s, ImagePullPolicy s, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY b, TargetContainerName s',
  Volume:
    'Name s, HostPath *HostPath, EmptyDir *EmptyDir, GCEPersistentDisk -, AWSElasticBlockStore -, GitRepo -, Secret *SecretVolume, NFS *NFS, ISCSI -, Glusterfs -, PersistentVolumeClaim *Claim, RBD -, Quobyte -, FlexVolume -, Cinder -, CephFS -, Flocker -, DownwardAPI *Downward, FC -, AzureFile -, ConfigMap *ConfigMapVolume, VsphereVolume -, AzureDisk -, PhotonPersistentDisk -, Projected *Projected, PortworxVolume -, ScaleIO -, StorageOS -, CSI -, Ephemeral -, Image *ImageVolume',
  HostPath: 'Path s, Type -',
  EmptyDir: 'Medium s, SizeLimit -',
  SecretVolume: 'SecretName s, Items []Item, DefaultMode -, Optional -',
  ConfigMapVolume: 'Name s, Items []Item, DefaultMode -, Optional -',
  ImageVolume: 'Reference s, PullPolicy s',
  NFS: 'Server s, Path s, ReadOnly b',
  Claim: 'ClaimName s, ReadOnly b',
  Downward: 'Items []DownwardFile, DefaultMode -',
  DownwardFile: 'Path s, FieldRef *FieldRef, ResourceFieldRef *ResourceRef, Mode -',
  Projected: 'Sources []Projection, DefaultMode -',
  Projection:
    'Secret *SourceItems, DownwardAPI *DownwardItems, ConfigMap *SourceItems, ServiceAccountToken *Token, ClusterTrustBundle -, PodCertificate -',
  SourceItems: 'Name s, Items []Item, Optional -',
  DownwardItems: 'Items []DownwardFile',
  Token: 'Audience s, ExpirationSeconds n, Path s',
  Item: 'Key s, Path s, Mode -',
  FieldRef: 'APIVersion s, FieldPath s',
  ResourceRef: 'ContainerName s, Resource s, Divisor s',
  Reference: 'Name s',
  Port: 'Name s, HostPort n, ContainerPort n, Protocol s, HostIP s',
  EnvFrom: 'Prefix s, ConfigMapRef *OptionalReference, SecretRef *OptionalReference',
  OptionalReference: 'Name s, Optional -',
  Env: 'Name s, Value s, ValueFrom *EnvSource',
  EnvSource:
    'FieldRef *FieldRef, ResourceFieldRef *ResourceRef, ConfigMapKeyRef *KeyRef, SecretKeyRef *KeyRef, FileKeyRef -',
  KeyRef: 'Name s, Key s, Optional -',
  Resources: 'Limits -, Requests -, Claims []ClaimRef',
  ClaimRef: 'Name s, Request s',
  Resize: 'ResourceName s, RestartPolicy s',
  Mount: 'Name s, ReadOnly b, RecursiveReadOnly -, MountPath s, SubPath s, MountPropagation -, SubPathExpr s',
  Device: 'Name s, DevicePath s',
  Probe:
    'Exec *Exec, HTTPGet *HTTPGet, TCPSocket *TCPSocket, GRPC *GRPC, InitialDelaySeconds n, TimeoutSeconds n, PeriodSeconds n, SuccessThreshold n, FailureThreshold n, TerminationGracePeriodSeconds -',
  Exec: 'Command -',
  HTTPGet: 'Path s, Port n, Host s, Scheme s, HTTPHeaders []Pair',
  TCPSocket: 'Port n, Host s',
  GRPC: 'Port n, Service -',
  Pair: 'Name s, Value s',
  Lifecycle: 'PostStart *Handler, PreStop *Handler, StopSignal -',
  Handler: 'Exec *Exec, HTTPGet *HTTPGet, TCPSocket *TCPSocket, Sleep *Sleep',
  Sleep: 'Seconds n',
  SecurityContext:
    'Capabilities *Capabilities, Privileged -, SELinuxOptions *SELinux, WindowsOptions *Windows, RunAsUser -, RunAsGroup -, RunAsNonRoot -, ReadOnlyRootFilesystem -, AllowPrivilegeEscalation -, ProcMount -, SeccompProfile *Profile, AppArmorProfile *Profile',
  Capabilities: 'Add -, Drop -',
  SELinux: 'User s, Role s, Type s, Level s',
  Windows: 'GMSACredentialSpecName -, GMSACredentialSpec -, RunAsUserName -, HostProcess -',
  Profile: 'Type s, LocalhostProfile -',
  Toleration: 'Key s, Operator s, Value s, Effect s, TolerationSeconds -',
  HostAlias: 'IP s, Hostnames -',
  DNSConfig: 'Nameservers -, Searches -, Options []DNSOption',
  DNSOption: 'Name s, Value -',
  Gate: 'ConditionType s',
  System: 'Name s',
  ResourceClaim: 'Name s, ResourceClaimName -, ResourceClaimTemplateName -',
  SchedulingGroup: 'PodGroupName -',
  Spread:
    'MaxSkew n, TopologyKey s, WhenUnsatisfiable s, LabelSelector -, MinDomains -, NodeAffinityPolicy -, NodeTaintsPolicy -, MatchLabelKeys -',
  Affinity: 'NodeAffinity *NodeAffinity, PodAffinity *PodAffinity, PodAntiAffinity *PodAffinity',
  NodeAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution *NodeSelector, PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm',
  NodeSelector: 'NodeSelectorTerms []Term',
  PreferredSchedulingTerm: 'Weight n, Preference Term',
  Term: 'MatchExpressions []Requirement, MatchFields []Requirement',
  Requirement: 'Key s, Operator s, Values -',
  PodAffinity:
    'RequiredDuringSchedulingIgnoredDuringExecution []PodTerm, PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm',
  WeightedPodAffinityTerm: 'Weight n, PodAffinityTerm PodTerm',
  ClaimSpec:
    'AccessModes -, Selector -, Resources VolumeResources, VolumeName s, StorageClassName -, VolumeMode -, DataSource *DataSource, DataSourceRef *DataSourceRef, VolumeAttributesClassName -',
  VolumeResources: 'Limits -, Requests -',
  DataSource: 'APIGroup -, Kind s, Name s',
  DataSourceRef: 'APIGroup -, Kind s, Name s, Namespace -',
  PersistentVolumeSource:
    'GCEPersistentDisk *GCEDisk, AWSElasticBlockStore *AWSDisk, HostPath *HostPath, Glusterfs -, NFS *NFS, RBD -, Quobyte -, ISCSI -, FlexVolume -, Cinder -, CephFS -, FC -, Flocker -, AzureFile -, VsphereVolume -, AzureDisk -, PhotonPersistentDisk -, PortworxVolume -, ScaleIO -, Local *Local, StorageOS -, CSI *CSI',
  GCEDisk: 'PDName s, FSType s, Partition n, ReadOnly b',
  AWSDisk: 'VolumeID s, FSType s, Partition n, ReadOnly b',
  Local: 'Path s, FSType -',
  CSI: 'Driver s, VolumeHandle s, ReadOnly b, FSType s, VolumeAttributes -, ControllerPublishSecretRef *SecretRef, NodeStageSecretRef *SecretRef, NodePublishSecretRef *SecretRef, ControllerExpandSecretRef *SecretRef, NodeExpandSecretRef *SecretRef',
  SecretRef: 'Name s, Namespace s',
  VolumeAttachmentSpec: 'Attacher s, Source VolumeAttachmentSource, NodeName s',
  VolumeAttachmentSource: 'PersistentVolumeName -, InlineVolumeSpec -',
  CSINodeDriver: 'Name s, NodeID s, TopologyKeys -, Allocatable -',
  VolumeNodeAffinity: 'Required *NodeSelector',
  PodTerm: 'LabelSelector -, Namespaces -, TopologyKey s, NamespaceSelector -, MatchLabelKeys -, MismatchLabelKeys -',
};

/** Fields whose inner name does not follow from the outer one. */
const outerNames: Readonly<Record<string, string>> = {
  CephFS: 'cephfs',
  StorageOS: 'storageos',
  HTTPHeaders: 'httpHeaders',
  GMSACredentialSpecName: 'gmsaCredentialSpecName',
  GMSACredentialSpec: 'gmsaCredentialSpec',
};
const unset: Readonly<Record<string, unknown>> = { s: '', n: 0, b: false, '-': null };

type Fields = Readonly<Record<string, unknown>>;

/** The inner form of `value`, an object of the type `shape`, as indented JSON. */
export function internalText(value: unknown, shape: string): string {
  return JSON.stringify(internalForm(value, shape), null, 1);
}

/** The inner form of `value`, an object of the type `shape`. */
export function internalForm(value: unknown, shape: string): unknown {
  const fields = (value ?? {}) as Fields;
  const form: Record<string, unknown> = {};
  for (const field of shapes[shape]!.split(', ')) {
    const [name = '', kind = ''] = field.split(' ');
    form[name] = fieldForm(fields[outerNames[name] ?? outerName(name)], kind);
  }
  return form;
}

function fieldForm(value: unknown, kind: string): unknown {
  if (kind in unset) return value === undefined ? unset[kind] : sorted(value);
  if (kind.startsWith('[]'))
    return value === undefined ? null : (value as unknown[]).map((one) => internalForm(one, kind.slice(2)));
  if (kind.startsWith('*')) return value === undefined ? null : internalForm(value, kind.slice(1));
  return internalForm(value, kind);
}

/** `DNSPolicy` is `dnsPolicy`: the capitals at the start, but for the one that begins the next word. */
function outerName(name: string): string {
  return name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase());
}

/** Maps are printed in the order of their keys. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
