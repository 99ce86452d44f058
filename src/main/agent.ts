import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { openMachineCgroups } from '../kubelet/cgroups/machine-cgroups.ts';
import { hostOf } from '../kubelet/kubelet-host.ts';
import { startKubelet } from '../kubelet/kubelet.ts';
import { keepStorageLimits, storageOf } from '../kubelet/eviction/keep-storage-limits.ts';
import { boundLogs } from '../kubelet/logs/bound-logs.ts';
import { NodePressure } from '../kubelet/eviction/node-pressure.ts';
import { relievePressure } from '../kubelet/eviction/relieve-pressure.ts';
import { sharedMachineEvictionHard } from '../kubelet/eviction/thresholds.ts';
import { ImageCollector, sharedMachineImageCollection } from '../kubelet/images/image-collector.ts';
import { machinePullRecords } from '../kubelet/images/machine-pull-records.ts';
import { PullRecords } from '../kubelet/images/pull-records.ts';
import { machineFacts, machineObservations } from '../kubelet/node/machine-facts.ts';
import { parseResolvConf } from '../kubelet/pods/dns.ts';
import { askApiServer } from '../kubelet/pods/endpoints-removed.ts';
import { machinePodFiles } from '../kubelet/pods/machine-pod-files.ts';
import { networkProber } from '../kubelet/probes/network-prober.ts';
import { connectCri } from '../kubelet/runtime/cri/cri-runtime.ts';
import { reviewedAccess } from '../kubelet/server/access/reviewed-access.ts';
import { startKubeletServer } from '../kubelet/server/kubelet-server.ts';
import { machineDiskUsage } from '../kubelet/stats/machine-disk-usage.ts';
import { NodeProcesses } from '../kubelet/stats/node-processes.ts';
import { createUsageReader } from '../kubelet/stats/usage-reader.ts';
import { openMachineDisk } from '../kubelet/volumes/machine-disk.ts';
import { parseIdentity } from '../local/identity.ts';
import { pauseImage } from '../local/pause-image.ts';
import type { AgentProgramConfig } from '../local/program-config.ts';
import { connectAs } from './agent-client.ts';
import { startAgentDns } from './agent-dns.ts';
import { startAgentIngress } from './agent-ingress.ts';
import { startAgentNetwork } from './agent-network.ts';
import { startAgentVolumes } from './agent-volumes.ts';
import { renewServing } from './renewal/renew-serving.ts';
import { kubernetesVersion } from './version.ts';

const clusterDomain = 'cluster.local';
const mostPods = 110;

/**
 * Runs a node: the kubelet over the node's containerd, and its server. Resolves when the kubelet works; ends when it is
 * disposed. Containers run on without it.
 */
export async function startAgent(
  settings: AgentProgramConfig,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<AsyncDisposable> {
  await using opened = new AsyncDisposableStack();
  const { kubeletFolder, podLogs, pki } = settings;
  for (const folder of [kubeletFolder, podLogs]) await mkdir(folder, { recursive: true, mode: 0o755 });
  const identity = parseIdentity(await readFile(pki.serving, 'utf8'));
  const clientAuthority = await readFile(pki.authority, 'utf8');
  const { client, transport } = opened.use(await connectAs('kubelet', pki.kubeconfig, { clock, random, log }));
  const { isolatePod, denied } = opened.use(
    await startAgentNetwork(settings, { clock, random, log, podClient: client }),
  );
  opened.use(await startAgentIngress(settings, { clock, random, log }));
  opened.use(await startAgentVolumes(settings, { clock, random, log }));
  const runtime = opened.use(await connectCri({ socket: settings.containerdSocket, clock }));
  const machine = await machineFacts(kubeletFolder, settings.capacity);
  const cgroups = await openMachineCgroups({
    root: settings.cgroupRoot,
    cpus: machine.cpus,
    memoryBytes: machine.memoryBytes,
    clock,
  });
  const nodeDns = parseResolvConf(await readFile(settings.resolvConf, 'utf8').catch(() => ''));
  const { servers } = opened.use(
    await startAgentDns(settings, { domain: clusterDomain, nameServers: nodeDns.servers }, { clock, random, log }),
  );

  const files = machinePodFiles({ folder: kubeletFolder, podLogs });
  const disk = await openMachineDisk({ folder: kubeletFolder, log, clock });
  const capacity = machine.memoryBytes;
  const pressure = new NodePressure(
    async () => {
      const used = (await cgroups.nodeUsage())?.workingSetBytes ?? 0;
      return await machineObservations(kubeletFolder, { available: capacity - used, capacity });
    },
    sharedMachineEvictionHard,
    clock,
  );
  const pullRecords = new PullRecords(machinePullRecords(kubeletFolder), clock, log);
  const stop = new AbortController();
  const kubelet = startKubelet({
    client,
    runtime,
    clock,
    random,
    log,
    signal: stop.signal,
    clusterDns: { servers, domain: clusterDomain },
    askEndpointsRemoved: askApiServer(transport.text),
    isolatePod,
    node: {
      name: settings.node,
      ips: [settings.address],
      labels: settings.labels,
      taints: settings.taints,
      kubeletPort: settings.kubeletPort,
      kubeletVersion: kubernetesVersion,
      mostPods,
      machine,
    },
    machine: {
      runtimeName: (await runtime.version()).name,
      files,
      disk,
      csiFolder: kubeletFolder,
      cgroups,
      prober: networkProber({ clock, version: kubernetesVersion.replace(/^v(\d+\.\d+).*/, '$1') }),
      pullRecords,
      pressure,
      nodeDns,
      seccompFolder: join(kubeletFolder, 'seccomp'),
      hostsFile: await readFile('/etc/hosts', 'utf8').catch(() => ''),
    },
  });
  const logsBounded = boundLogs({ kubelet, runtime, clock, log, signal: stop.signal });
  const processes = new NodeProcesses({ cgroupRoot: settings.cgroupRoot });
  const usage = createUsageReader({
    node: { name: settings.node, memoryBytes: machine.memoryBytes },
    kubelet,
    runtime,
    cgroups,
    processes: () => processes.usage(),
    disk: () => machineDiskUsage(kubeletFolder),
    clock,
  });
  const looks = { clock, log, signal: stop.signal };
  const storage = { runtime, disk, files };
  const storageLimited = keepStorageLimits({ ...looks, ...storage, kubelet });
  const images = new ImageCollector({
    runtime,
    disk: () => machineDiskUsage(kubeletFolder),
    records: pullRecords,
    tell: (type, reason, message) => kubelet.tellOfNode(type, reason, message),
    ofRuntime: [pauseImage],
    policy: sharedMachineImageCollection,
    clock,
  });
  const relieved = relievePressure({
    ...looks,
    kubelet,
    pressure,
    usage,
    storage: (pods) => storageOf(storage, pods),
    reclaimDisk: () => images.removeUnused(),
  });
  const loops = [logsBounded, storageLimited, relieved, images.run(stop.signal)];
  opened.defer(async () => {
    stop.abort();
    await Promise.allSettled([kubelet.started, kubelet.stopped, ...loops]);
  });
  kubelet.started.catch(() => undefined); // ends with the agent
  const server = opened.use(
    await startKubeletServer({
      host: settings.address,
      port: settings.kubeletPort,
      ...identity,
      clientAuthority,
      kubelet: hostOf({ nodeName: settings.node, kubelet, runtime, usage, denied }),
      access: reviewedAccess({ client, clock, nodeName: settings.node }),
      ready: kubelet.started,
      clock,
      log,
    }),
  );
  const renewing = renewServing({ settings, client, server, identity }, { clock, random, log, signal: stop.signal });
  opened.defer(async () => {
    stop.abort();
    await renewing;
  });
  const resources = opened.move();
  return { [Symbol.asyncDispose]: () => resources.disposeAsync() };
}
