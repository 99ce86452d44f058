import { pauseImage } from './pause-image.ts';

export interface ContainerdSettings {
  readonly major: number;
  readonly minor: number;
  readonly root: string;
  readonly state: string;
  readonly socket: string;
  readonly cniBinaries: string;
  readonly cniConfig: string;
  readonly cniTemplate: string;
  /** Describes registries; what it does not, the machine's own folder may. */
  readonly registries: string;
  /** Where runc keeps what it runs. */
  readonly runcState: string;
  readonly snapshotter: 'overlayfs' | 'native';
  /** Set where the process may not lower oom_score_adj: runc dies otherwise. */
  readonly restrictOomScore: boolean;
}

/** Plugins that Kubeling does not need, and that touch files outside the cluster's folders or only cost time. */
const disabledPlugins = [
  'io.containerd.internal.v1.opt',
  'io.containerd.snapshotter.v1.aufs',
  'io.containerd.snapshotter.v1.blockfile',
  'io.containerd.snapshotter.v1.btrfs',
  'io.containerd.snapshotter.v1.devmapper',
  'io.containerd.snapshotter.v1.erofs',
  'io.containerd.snapshotter.v1.zfs',
  'io.containerd.nri.v1.nri',
  'io.containerd.tracing.processor.v1.otlp',
];

/** containerd's config.toml, in the form of 1.x or of 2.x. It shares nothing with another containerd on the machine. */
export function containerdConfig(settings: ContainerdSettings): string {
  const shared = [
    `root = ${quote(settings.root)}`,
    `state = ${quote(settings.state)}`,
    `disabled_plugins = [${disabledPlugins.map(quote).join(', ')}]`,
    '[grpc]',
    `  address = ${quote(settings.socket)}`,
  ];
  const version = settings.major >= 2 ? 3 : 2;
  const plugins = settings.major >= 2 ? pluginsOfTwo(settings) : pluginsOfOne(settings);
  return [`version = ${version}`, ...shared, ...plugins, ''].join('\n');
}

function pluginsOfOne(settings: ContainerdSettings): string[] {
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return [
    `[${cri}]`,
    `  sandbox_image = ${quote(pauseImage)}`,
    ...runtimeSettings(settings),
    ...streamSettings,
    `[${cri}.containerd]`,
    `  snapshotter = ${quote(settings.snapshotter)}`,
    '  default_runtime_name = "runc"',
    ...runcSettings(`${cri}.containerd`, settings),
    ...cniSettings(cri, settings),
    `  bin_dir = ${quote(settings.cniBinaries)}`,
    ...registrySettings(cri, settings),
  ];
}

function pluginsOfTwo(settings: ContainerdSettings): string[] {
  const images = 'plugins."io.containerd.cri.v1.images"';
  const runtime = 'plugins."io.containerd.cri.v1.runtime"';
  const binaries = quote(settings.cniBinaries);
  const manyBinaryFolders = settings.major > 2 || settings.minor >= 1;
  return [
    `[${images}]`,
    `  snapshotter = ${quote(settings.snapshotter)}`,
    `[${images}.pinned_images]`,
    `  sandbox = ${quote(pauseImage)}`,
    ...registrySettings(images, settings),
    `[${runtime}]`,
    ...runtimeSettings(settings),
    `[${runtime}.containerd]`,
    '  default_runtime_name = "runc"',
    ...runcSettings(`${runtime}.containerd`, settings),
    ...cniSettings(runtime, settings),
    manyBinaryFolders ? `  bin_dirs = [${binaries}]` : `  bin_dir = ${binaries}`,
    '[plugins."io.containerd.grpc.v1.cri"]',
    ...streamSettings,
  ];
}

function runtimeSettings(settings: ContainerdSettings): string[] {
  return [
    `  restrict_oom_score_adj = ${settings.restrictOomScore}`,
    '  netns_mounts_under_state_dir = true',
    '  enable_unprivileged_ports = true',
    '  enable_unprivileged_icmp = true',
  ];
}

const streamSettings = [
  '  disable_tcp_service = true',
  '  stream_server_address = "127.0.0.1"',
  '  stream_server_port = "0"',
];

function runcSettings(parent: string, settings: ContainerdSettings): string[] {
  return [
    `[${parent}.runtimes.runc]`,
    '  runtime_type = "io.containerd.runc.v2"',
    `[${parent}.runtimes.runc.options]`,
    '  SystemdCgroup = false',
    `  Root = ${quote(settings.runcState)}`,
  ];
}

function cniSettings(parent: string, settings: ContainerdSettings): string[] {
  return [
    `[${parent}.cni]`,
    `  conf_dir = ${quote(settings.cniConfig)}`,
    `  conf_template = ${quote(settings.cniTemplate)}`,
    '  max_conf_num = 1',
  ];
}

/** The cluster's own folder comes before the one of which containerd documents that administrators describe registries there. */
function registrySettings(parent: string, { registries }: ContainerdSettings): string[] {
  return [`[${parent}.registry]`, `  config_path = ${quote(`${registries}:/etc/containerd/certs.d`)}`];
}

/**
 * The pod network, as a template that containerd fills in when it is told the node's pod CIDR. Routed veth pairs: traffic
 * between pods of a node passes the node's netfilter as any other. `addresses` holds the leases of addresses.
 */
export function networkTemplate(addresses: string): string {
  const plugin = {
    type: 'ptp',
    ipMasq: false,
    ipam: {
      type: 'host-local',
      dataDir: addresses,
      ranges: [[{ subnet: '{{.PodCIDR}}' }]],
      routes: [{ dst: '0.0.0.0/0' }],
    },
  };
  return `${JSON.stringify({ cniVersion: '0.4.0', name: 'kubeling', plugins: [plugin] }, null, 2)}\n`;
}

/** A TOML basic string. */
function quote(text: string): string {
  return JSON.stringify(text);
}
