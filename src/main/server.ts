import { hostname } from 'node:os';
import { join } from 'node:path';
import { createKubeletProxy } from '../apiserver/streams/kubelet-proxy.ts';
import type { AuditTrail } from '../apiserver/audit/audit-trail.ts';
import { requestSigner } from '../apiserver/auth/certificates.ts';
import { TokenKeys } from '../apiserver/auth/json-web-token.ts';
import type { ApiConfiguration } from '../apiserver/configuration/kinds.ts';
import type { ServerConfig } from '../apiserver/context.ts';
import { listenForApi } from '../apiserver/http/api-listener.ts';
import type { Clock } from '../base/clock.ts';
import { releaseMemory } from '../base/node/release-memory.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { dnsAddress, firstAddress } from '../apiserver/bootstrap/objects.ts';
import { openLmdbStore } from '../store/lmdb/lmdb-store.ts';
import type { ReadConfiguration } from './api-configuration.ts';
import { readDescriptions } from './descriptions.ts';
import { ensureServerPki } from './pki.ts';
import { reloadMetrics } from '../apiserver/http/reload-metrics.ts';
import { ReloadTallies } from '../apiserver/reload/reload-tallies.ts';
import { watchFile } from '../base/node/file-changes.ts';
import { keepConfigurationCurrent } from './configuration-reload.ts';
import { auditMetrics } from '../apiserver/http/audit-metrics.ts';
import type { AuditSources } from './audit.ts';
import { startControlPlane } from './control-plane.ts';
import { renewServerPki } from './renewal/renew-server-pki.ts';
import { kubernetesVersion, versionInfo } from './version.ts';

/** What a server process is told; the content of its settings file. */
export interface ServerSettings {
  /** Folder of the store; made when missing. */
  readonly data: string;
  /** Folder of certificates and keys; what is missing is made. */
  readonly pki: string;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** Further names and addresses under which clients reach the server. */
  readonly names?: readonly string[];
  readonly serviceCidr: string;
  readonly podCidr: string;
  /** Prefix length of each node's part of it (default 24). */
  readonly nodePrefix?: number;
  /** The address of each node that the server's cluster is made of, by its name (default: nodes say theirs themselves). */
  readonly nodeAddresses?: Readonly<Record<string, string>>;
  /** Addresses for Services of type LoadBalancer (default: they get none). */
  readonly loadBalancerRange?: string;
  /** Whether nodes are measured and `metrics.k8s.io` is served (default: not, as in a Kubernetes on its own). */
  readonly metrics?: boolean;
  /** Whether Services may have no external IPs (default: they may, as in a Kubernetes on its own). */
  readonly denyExternalIps?: boolean;
  /** Whether Secrets are encrypted in the store by the key in `pki` (default: not, as in a Kubernetes on its own). */
  readonly encryptSecrets?: boolean;
  /** How long the server goes on serving after it says that it is not ready any more (default 0). */
  readonly shutdownDelayMs?: number;
  /** The file of audit events, where `apiConfig` has a policy and does not say another (default: `audit.log` in `data`). */
  readonly auditLog?: string;
  /** The usual demands on pods, and who is exempt (default: whatever namespaces demand, of everybody). */
  readonly podSecurity?: ServerConfig['podSecurity'];
  /** A file of Kubernetes' own configuration kinds, read at the start and when it changes (default: none). */
  readonly apiConfig?: string;
}

export interface RunningServer extends AsyncDisposable {
  readonly port: number;
}

const clusterDomain = 'cluster.local';

/** Runs API server, controllers and scheduler over the store on disk, and serves them over HTTPS. */
export async function startServer(
  settings: ServerSettings,
  { clock, random, log }: { clock: Clock; random: Random; log: Logger },
): Promise<RunningServer> {
  const { host, serviceCidr, apiConfig } = settings;
  const told = apiConfig === undefined ? undefined : await readConfiguration(apiConfig);
  const { configuration = {}, reviewServers } = told ?? {};
  const serviceAddress = firstAddress(serviceCidr);
  const service = [
    'kubernetes',
    'kubernetes.default',
    'kubernetes.default.svc',
    `kubernetes.default.svc.${clusterDomain}`,
  ];
  const names = settings.names ?? [];
  const isAddress = (name: string) => /^[\d.]+$|:/.test(name);
  const ensurePki = () =>
    ensureServerPki(
      settings.pki,
      {
        dnsNames: [...service, 'localhost', ...names.filter((name) => !isAddress(name))],
        addresses: [...new Set([serviceAddress, '127.0.0.1', host, ...names.filter(isAddress)])],
      },
      { clock, random },
    );
  const pki = await ensurePki();
  /** Clients show certificates of these alone. */
  const clientAuthority = ({ authenticationOptions }: ApiConfiguration): string =>
    `${pki.authority.certificate}\n${authenticationOptions?.requestHeader?.clientCA ?? ''}`;
  const reloads = new ReloadTallies(clock);
  await using opened = new AsyncDisposableStack();
  const store = opened.use(
    await openLmdbStore({
      path: join(settings.data, 'store'),
      clock,
      onFailure: (error) => log.error('the store takes no more writes', { error: error.message }),
      onRecovery: () => log.info('the store takes writes again'),
    }),
  );
  const issuer = `https://kubernetes.default.svc.${clusterDomain}`;
  const kubelets = createKubeletProxy({ authority: pki.authority.certificate, ...pki.kubeletClient });
  // Ends after the server: the last requests are recorded too.
  const audit = await auditOf(configuration, {
    clock,
    random,
    log,
    logFile: settings.auditLog ?? join(settings.data, 'audit.log'),
  });
  if (audit !== undefined) opened.use(audit);
  const plane = opened.use(
    await startControlPlane({
      store,
      clock,
      random,
      log,
      clientAuthorities: [pki.authority.certificate],
      tokenKeys: new TokenKeys([pki.tokenKey]),
      frontProxy: pki.frontProxy,
      configuration,
      ...(reviewServers && { reviewServers }),
      ...(audit && { audit }),
      ...(settings.encryptSecrets === true && { encryptionKey: pki.encryptionKey }),
      config: {
        serviceCidr,
        clusterDns: dnsAddress(serviceCidr),
        nodePorts: { from: 30000, to: 32767 },
        issuer,
        audiences: [issuer],
        advertise: { host, port: settings.port },
        deniesExternalIps: settings.denyExternalIps === true,
        ...(settings.podSecurity && { podSecurity: settings.podSecurity }),
      },
      controllers: {
        podCidr: settings.podCidr,
        ...(settings.nodeAddresses && { nodeAddresses: settings.nodeAddresses }),
        ...(settings.nodePrefix && { nodePrefix: settings.nodePrefix }),
        rootCertificate: pki.authority.certificate,
        certificates: requestSigner(pki.authority, { random }),
        ...(settings.loadBalancerRange && { loadBalancerRange: settings.loadBalancerRange }),
      },
      ...(settings.metrics === true && { askKubelet: kubelets.read }),
    }),
  );
  const listener = opened.use(
    await listenForApi(plane.api, {
      host,
      port: settings.port,
      certificate: pki.server.certificate,
      key: pki.server.key,
      clientAuthority: clientAuthority(configuration),
      version: kubernetesVersion,
      versionInfo,
      descriptions: readDescriptions,
      kubelets,
      shutdown: { delayMs: settings.shutdownDelayMs ?? 0 },
      metrics: [
        ...(audit === undefined ? [] : [() => auditMetrics(audit.tallies)]),
        ...(told === undefined ? [] : [() => reloadMetrics(reloads, `apiserver-${hostname()}`)]),
      ],
    }),
  );
  const stop = new AbortController();
  const renewing = renewServerPki(
    {
      pki,
      renew: ensurePki,
      use({ server, kubeletClient }) {
        listener.useIdentity(server);
        kubelets.useIdentity(kubeletClient);
      },
    },
    { clock, log, signal: stop.signal },
  );
  const reloading =
    apiConfig !== undefined &&
    told !== undefined &&
    keepConfigurationCurrent(
      {
        name: apiConfig,
        first: told,
        read: () => readConfiguration(apiConfig),
        watch: (onChange) => watchFile(apiConfig, onChange),
        async apply(now) {
          const results = await plane.api.reconfigure(now);
          const isTaken = results.some(({ name, problem }) => name === 'authentication' && problem === undefined);
          if (isTaken) listener.useIdentity({ clientAuthority: clientAuthority(now.configuration) });
          return results;
        },
      },
      reloads,
      { clock, log, signal: stop.signal },
    );
  opened.defer(async () => {
    stop.abort();
    await Promise.all([renewing, reloading]);
  });
  void plane.started.then(() => {
    log.info('control plane is ready', { host, port: listener.port });
    releaseMemory();
  });
  const running = opened.move();
  return { port: listener.port, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** Servers without such a file do without the modules that read it, as do those without an audit policy below. */
async function readConfiguration(file: string): Promise<ReadConfiguration> {
  const { readConfigurationFile } = await import('./api-configuration.ts');
  return readConfigurationFile(file);
}

async function auditOf(configuration: ApiConfiguration, sources: AuditSources): Promise<AuditTrail | undefined> {
  if (configuration.auditPolicy === undefined) return undefined;
  const { openAudit } = await import('./audit.ts');
  return openAudit(configuration, sources);
}
