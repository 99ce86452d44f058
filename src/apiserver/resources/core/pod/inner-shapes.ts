/**
 * Types as Kubernetes' server keeps them inside. Each line lists the fields of a type in order; the letter says what an
 * unset field looks like, a name says of which type it is.
 *
 * `s` text, `n` number, `b` truth value, `-` null, `L` a label selector or null; `T` a part that is always there, `*T` one
 * that may be missing, `[]T` a list. `M`: the fields of the metadata stand here, with the names that users know.
 */
export const innerShapes: Readonly<Record<string, string>> = {
  PodSpec:
    'Volumes []Volume, InitContainers []Container, Containers []Container, EphemeralContainers []EphemeralContainer, RestartPolicy s, TerminationGracePeriodSeconds -, ActiveDeadlineSeconds -, DNSPolicy s, NodeSelector -, ServiceAccountName s, AutomountServiceAccountToken -, NodeName s, SecurityContext *PodSecurityContext, ImagePullSecrets []Reference, Hostname s, Subdomain s, SetHostnameAsFQDN -, Affinity *Affinity, SchedulerName s, Tolerations []Toleration, HostAliases []HostAlias, PriorityClassName s, Priority -, PreemptionPolicy -, DNSConfig *DNSConfig, ReadinessGates []Gate, RuntimeClassName -, Overhead -, EnableServiceLinks -, TopologySpreadConstraints []Spread, OS *System, SchedulingGates []Reference, ResourceClaims []ResourceClaim, Resources *Resources, HostnameOverride -, SchedulingGroup *SchedulingGroup',
  PodSecurityContext:
    'HostNetwork b, HostPID b, HostIPC b, ShareProcessNamespace -, HostUsers -, SELinuxOptions *SELinux, WindowsOptions *Windows, RunAsUser -, RunAsGroup -, RunAsNonRoot -, SupplementalGroups -, SupplementalGroupsPolicy -, FSGroup -, FSGroupChangePolicy -, Sysctls []Pair, SeccompProfile *Profile, AppArmorProfile *Profile, SELinuxChangePolicy -',
  Container:
    'Name s, Image s, Command -, Args -, WorkingDir s, Ports []Port, EnvFrom []EnvFrom, Env []Env, Resources Resources, ResizePolicy []Resize, RestartPolicy -, RestartPolicyRules []RestartRule, VolumeMounts []Mount, VolumeDevices []Device, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath s, TerminationMessagePolicy s, ImagePullPolicy s, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY b',
  EphemeralContainer:
    'Name s, Image s, Command -, Args -, WorkingDir s, Ports []Port, EnvFrom []EnvFrom, Env []Env, Resources Resources, ResizePolicy []Resize, RestartPolicy -, RestartPolicyRules []RestartRule, VolumeMounts []Mount, VolumeDevices []Device, LivenessProbe *Probe, ReadinessProbe *Probe, StartupProbe *Probe, Lifecycle *Lifecycle, TerminationMessagePath s, TerminationMessagePolicy s, ImagePullPolicy s, SecurityContext *SecurityContext, Stdin b, StdinOnce b, TTY b, TargetContainerName s',
  Volume:
    'Name s, HostPath *HostPath, EmptyDir *EmptyDir, GCEPersistentDisk *GCEDisk, AWSElasticBlockStore *AWSDisk, GitRepo *GitRepo, Secret *SecretVolume, NFS *NFS, ISCSI *ISCSI, Glusterfs *Glusterfs, PersistentVolumeClaim *Claim, RBD *RBD, Quobyte *Quobyte, FlexVolume *FlexVolume, Cinder *Cinder, CephFS *CephFS, Flocker *Flocker, DownwardAPI *Downward, FC *FC, AzureFile *AzureFile, ConfigMap *ConfigMapVolume, VsphereVolume *VsphereVolume, AzureDisk *AzureDisk, PhotonPersistentDisk *PhotonDisk, Projected *Projected, PortworxVolume *PortworxVolume, ScaleIO *ScaleIO, StorageOS *StorageOS, CSI *CSIVolume, Ephemeral *EphemeralVolume, Image *ImageVolume',
  EphemeralVolume: 'VolumeClaimTemplate *ClaimTemplate',
  ClaimTemplate: 'Metadata M, Spec ClaimSpec',
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
    'Secret *SourceItems, DownwardAPI *DownwardItems, ConfigMap *SourceItems, ServiceAccountToken *Token, ClusterTrustBundle *ClusterTrustBundle, PodCertificate *PodCertificate',
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
    'FieldRef *FieldRef, ResourceFieldRef *ResourceRef, ConfigMapKeyRef *KeyRef, SecretKeyRef *KeyRef, FileKeyRef *FileKeyRef',
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
    'MaxSkew n, TopologyKey s, WhenUnsatisfiable s, LabelSelector L, MinDomains -, NodeAffinityPolicy -, NodeTaintsPolicy -, MatchLabelKeys -',
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
    'AccessModes -, Selector L, Resources VolumeResources, VolumeName s, StorageClassName -, VolumeMode -, DataSource *DataSource, DataSourceRef *DataSourceRef, VolumeAttributesClassName -',
  VolumeResources: 'Limits -, Requests -',
  DataSource: 'APIGroup -, Kind s, Name s',
  DataSourceRef: 'APIGroup -, Kind s, Name s, Namespace -',
  PersistentVolumeSource:
    'GCEPersistentDisk *GCEDisk, AWSElasticBlockStore *AWSDisk, HostPath *HostPath, Glusterfs *PersistentGlusterfs, NFS *NFS, RBD *PersistentRBD, Quobyte *Quobyte, ISCSI *PersistentISCSI, FlexVolume *PersistentFlexVolume, Cinder *PersistentCinder, CephFS *PersistentCephFS, FC *FC, Flocker *Flocker, AzureFile *PersistentAzureFile, VsphereVolume *VsphereVolume, AzureDisk *AzureDisk, PhotonPersistentDisk *PhotonDisk, PortworxVolume *PortworxVolume, ScaleIO *PersistentScaleIO, Local *Local, StorageOS *PersistentStorageOS, CSI *CSI',
  GCEDisk: 'PDName s, FSType s, Partition n, ReadOnly b',
  AWSDisk: 'VolumeID s, FSType s, Partition n, ReadOnly b',
  Local: 'Path s, FSType -',
  CSI: 'Driver s, VolumeHandle s, ReadOnly b, FSType s, VolumeAttributes -, ControllerPublishSecretRef *SecretRef, NodeStageSecretRef *SecretRef, NodePublishSecretRef *SecretRef, ControllerExpandSecretRef *SecretRef, NodeExpandSecretRef *SecretRef',
  SecretRef: 'Name s, Namespace s',
  VolumeAttachmentSpec: 'Attacher s, Source VolumeAttachmentSource, NodeName s',
  VolumeAttachmentSource: 'PersistentVolumeName -, InlineVolumeSpec -',
  CSINodeDriver: 'Name s, NodeID s, TopologyKeys -, Allocatable -',
  VolumeNodeAffinity: 'Required *NodeSelector',
  PodTerm: 'LabelSelector L, Namespaces -, TopologyKey s, NamespaceSelector L, MatchLabelKeys -, MismatchLabelKeys -',
  GitRepo: 'Repository s, Revision s, Directory s',
  ISCSI:
    'TargetPortal s, IQN s, Lun n, ISCSIInterface s, FSType s, ReadOnly b, Portals -, DiscoveryCHAPAuth b, SessionCHAPAuth b, SecretRef *Reference, InitiatorName -',
  Glusterfs: 'EndpointsName s, Path s, ReadOnly b',
  RBD: 'CephMonitors -, RBDImage s, FSType s, RBDPool s, RadosUser s, Keyring s, SecretRef *Reference, ReadOnly b',
  Quobyte: 'Registry s, Volume s, ReadOnly b, User s, Group s, Tenant s',
  FlexVolume: 'Driver s, FSType s, SecretRef *Reference, ReadOnly b, Options -',
  Cinder: 'VolumeID s, FSType s, ReadOnly b, SecretRef *Reference',
  CephFS: 'Monitors -, Path s, User s, SecretFile s, SecretRef *Reference, ReadOnly b',
  Flocker: 'DatasetName s, DatasetUUID s',
  FC: 'TargetWWNs -, Lun -, FSType s, ReadOnly b, WWIDs -',
  AzureFile: 'SecretName s, ShareName s, ReadOnly b',
  VsphereVolume: 'VolumePath s, FSType s, StoragePolicyName s, StoragePolicyID s',
  AzureDisk: 'DiskName s, DataDiskURI s, CachingMode -, FSType -, ReadOnly -, Kind -',
  PhotonDisk: 'PdID s, FSType s',
  PortworxVolume: 'VolumeID s, FSType s, ReadOnly b',
  ScaleIO:
    'Gateway s, System s, SecretRef *Reference, SSLEnabled b, ProtectionDomain s, StoragePool s, StorageMode s, VolumeName s, FSType s, ReadOnly b',
  StorageOS: 'VolumeName s, VolumeNamespace s, FSType s, ReadOnly b, SecretRef *Reference',
  CSIVolume: 'Driver s, ReadOnly -, FSType -, VolumeAttributes -, NodePublishSecretRef *Reference',
  PersistentISCSI:
    'TargetPortal s, IQN s, Lun n, ISCSIInterface s, FSType s, ReadOnly b, Portals -, DiscoveryCHAPAuth b, SessionCHAPAuth b, SecretRef *SecretRef, InitiatorName -',
  PersistentGlusterfs: 'EndpointsName s, Path s, ReadOnly b, EndpointsNamespace -',
  PersistentRBD:
    'CephMonitors -, RBDImage s, FSType s, RBDPool s, RadosUser s, Keyring s, SecretRef *SecretRef, ReadOnly b',
  PersistentFlexVolume: 'Driver s, FSType s, SecretRef *SecretRef, ReadOnly b, Options -',
  PersistentCinder: 'VolumeID s, FSType s, ReadOnly b, SecretRef *SecretRef',
  PersistentCephFS: 'Monitors -, Path s, User s, SecretFile s, SecretRef *SecretRef, ReadOnly b',
  PersistentAzureFile: 'SecretName s, ShareName s, ReadOnly b, SecretNamespace -',
  PersistentScaleIO:
    'Gateway s, System s, SecretRef *SecretRef, SSLEnabled b, ProtectionDomain s, StoragePool s, StorageMode s, VolumeName s, FSType s, ReadOnly b',
  PersistentStorageOS: 'VolumeName s, VolumeNamespace s, FSType s, ReadOnly b, SecretRef *ObjectReference',
  ObjectReference: 'Kind s, Namespace s, Name s, UID s, APIVersion s, ResourceVersion s, FieldPath s',
  ClusterTrustBundle: 'Name -, SignerName -, LabelSelector L, Optional -, Path s',
  PodCertificate:
    'SignerName s, KeyType s, MaxExpirationSeconds -, CredentialBundlePath s, KeyPath s, CertificateChainPath s, UserAnnotations -',
  FileKeyRef: 'VolumeName s, Path s, Key s, Optional -',
  RestartRule: 'Action s, ExitCodes *RestartExitCodes',
  RestartExitCodes: 'Operator s, Values -',
  ResourceClaimSpec: 'Devices DeviceClaim',
  DeviceClaim: 'Requests []DeviceRequest, Constraints []DeviceConstraint, Config []DeviceClaimConfiguration',
  DeviceRequest: 'Name s, Exactly *ExactDeviceRequest, FirstAvailable []DeviceSubRequest',
  ExactDeviceRequest:
    'DeviceClassName s, Selectors []DeviceSelector, AllocationMode s, Count n, AdminAccess -, Tolerations []DeviceToleration, Capacity *CapacityRequirements',
  DeviceSubRequest:
    'Name s, DeviceClassName s, Selectors []DeviceSelector, AllocationMode s, Count n, Tolerations []DeviceToleration, Capacity *CapacityRequirements',
  DeviceSelector: 'CEL *CELDeviceSelector',
  CELDeviceSelector: 'Expression s',
  DeviceToleration: 'Key s, Operator s, Value s, Effect s, TolerationSeconds -',
  CapacityRequirements: 'Requests -',
  DeviceConstraint: 'Requests -, MatchAttribute -, DistinctAttribute -',
  DeviceClaimConfiguration: 'Requests -, Opaque *OpaqueDeviceConfiguration',
  OpaqueDeviceConfiguration: 'Driver s, Parameters -',
  AllocationResult: 'Devices DeviceAllocationResult, NodeSelector *NodeSelector, AllocationTimestamp -',
  DeviceAllocationResult: 'Results []DeviceRequestAllocationResult, Config []DeviceAllocationConfiguration',
  DeviceRequestAllocationResult:
    'Request s, Driver s, Pool s, Device s, AdminAccess -, Tolerations []DeviceToleration, BindingConditions -, BindingFailureConditions -, ShareID -, ConsumedCapacity -',
  DeviceAllocationConfiguration: 'Source s, Requests -, Opaque *OpaqueDeviceConfiguration',
  DeviceAttribute:
    'IntValue -, BoolValue -, StringValue -, VersionValue -, IntValues -, BoolValues -, StringValues -, VersionValues -',
};
