import type { ApiRequest, Transport } from '../apimachinery/request.ts';
import { Bindings, ResourceQuotas, type ResourceQuota } from '../api/core/v1/types.ts';
import { metricsFacts } from '../api/metrics/v1beta1/types.ts';
import { servedResources } from '../api/resources.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { Compactor } from '../store/compactor.ts';
import { LeaseReuse } from '../store/lease-reuse.ts';
import type { Store } from '../store/store.ts';
import type { AdmissionPlugin } from './admission/admission.ts';
import { ObjectVersions } from './admission/object-versions.ts';
import { AdmissionPolicies } from './admission/policies/admission-policies.ts';
import { tellOfLockOuts } from './admission/webhooks/lock-out.ts';
import { AdmissionWebhooks } from './admission/webhooks/webhooks.ts';
import { AdmissionTallies } from './admission/admission-tallies.ts';
import { admissionPlugins } from './admission/plugins.ts';
import { AggregatedVersions } from './aggregation/aggregated-versions.ts';
import { Aggregator } from './aggregation/aggregator.ts';
import type { FrontProxy } from './aggregation/front-proxy.ts';
import { RemoteDiscovery } from './aggregation/remote-discovery.ts';
import { localVersions } from './aggregation/local-versions.ts';
import { AccessTallies } from './auth/access-tallies.ts';
import type { Authenticator, Authorizer, UserInfo } from './auth/auth.ts';
import type { TokenKeys } from './auth/json-web-token.ts';
import { LastUse } from './auth/last-use.ts';
import { RoleBasedAuthorizer } from './auth/rbac.ts';
import { serverAuthentication } from './auth/server-authentication.ts';
import { OwnAuthorizers, serverAuthorization, type ReviewServers } from './auth/server-authorization.ts';
import { ServiceAccountTokens } from './auth/service-account-token.ts';
import { bootstrap, keepExact, keepFlowControl } from './bootstrap/bootstrap.ts';
import { extensionAuthentication } from './bootstrap/extension-authentication.ts';
import { keepDefaultServiceCidr } from './bootstrap/default-service-cidr.ts';
import { keepLegacyTokenTracking } from './bootstrap/legacy-token-tracking.ts';
import { metricsReader } from './bootstrap/metrics-reader.ts';
import { root, WatchCache } from './cache/watch-cache.ts';
import { MeasuredStore } from './measured-store.ts';
import { EncryptedStore, type TransformerOf } from './encryption/encrypted-store.ts';
import type { WindowBounds } from './cache/window-bounds.ts';
import { builtInCatalog } from './catalog/built-in.ts';
import type { CatalogContent } from './catalog/catalog.ts';
import { Catalogs } from './catalog/catalogs.ts';
import type { ApiConfiguration } from './configuration/kinds.ts';
import type { ServerConfig, ServerContext } from './context.ts';
import { serverContext } from './context-of.ts';
import { CustomKinds } from './custom/custom-kinds.ts';
import { DefinitionKeeper } from './custom/definition-keeper.ts';
import { FlowControl, type FlowLimits } from './flow-control/flow-control.ts';
import { inProcessTransport } from './in-process.ts';
import { AuthenticationInUse, AuthorizationInUse } from './reload/access-in-use.ts';
import { EncryptionInUse } from './reload/encryption-in-use.ts';
import { Reconfiguration, type Reconfigured, type ReloadablePart, type Told } from './reload/reconfiguration.ts';
import { definitions } from './resources/all.ts';
import { NodePortAllocator } from './resources/core/service/node-port-allocator.ts';
import { AllocationRepair } from './resources/core/service/repair.ts';
import { WebhookMetrics } from './http/webhook-metrics.ts';
import type { Measurements } from './resources/metrics/measurements.ts';
import { componentStatuses } from './resources/core/component-status.ts';
import { nodeMetrics } from './resources/metrics/node-metrics.ts';
import { podMetrics } from './resources/metrics/pod-metrics.ts';
import { virtualResources } from './resources/virtual.ts';
import type { Core } from './rest/operation.ts';
import type { VirtualResource } from './rest/virtual-resource.ts';
import type { AuditSink } from './request/audit.ts';
import { RequestChain } from './request/chain.ts';
import type { Target } from './request/target.ts';
import { Upkeep } from './upkeep.ts';
import { EndpointRemovals } from './endpoint-removal/endpoint-removals.ts';

export interface ApiServerOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly config: ServerConfig;
  /** What Kubernetes' own configuration files say; default: as in a Kubernetes without them. */
  readonly configuration?: ApiConfiguration;
  /** Servers that the configuration names. */
  readonly reviewServers?: ReviewServers;
  /** PEM of the authorities whose client certificates are believed; none: no certificates are. */
  readonly clientAuthorities: readonly string[];
  readonly tokenKeys: TokenKeys;
  /** How the server shows itself to servers behind APIServices; absent: not at all. */
  readonly frontProxy?: FrontProxy;
  /** What nodes and pods use. With it the group `metrics.k8s.io` is served, as if a metrics server were installed. */
  readonly measurements?: Measurements;
  /** How many requests are served at once; Kubernetes' limits where it is left out. */
  readonly flowLimits?: FlowLimits;
  /** How much of what has happened watches can go back to; default: {@link usualWindow}. */
  readonly watchWindow?: WindowBounds;
  /**
   * A key of the cluster's own, 32 bytes in base64: Secrets are encrypted with it in the store, where the configuration
   * says nothing of them. Absent: they are stored as they are there.
   */
  readonly encryptionKey?: string;
  /** Hears of every request; without it nothing is recorded. */
  readonly audit?: AuditSink;
  /** Plugins that run after the server's own in each phase. */
  readonly admission?: readonly AdmissionPlugin[];
}

/** The API server without its network: who wants one adds `listen` (http/serve.ts). */
export interface ApiServer extends AsyncDisposable {
  readonly core: Core;
  readonly context: ServerContext;
  readonly authenticator: Authenticator;
  readonly authorizer: Authorizer;
  readonly accessTallies: AccessTallies;
  /** What is stored, as it is stored. */
  readonly stored: MeasuredStore;
  /** The way of every request, and how many are on it. */
  readonly chain: RequestChain;
  readonly flowControl: FlowControl;
  /** Servers that APIServices name. */
  readonly aggregated: AggregatedVersions;
  readonly aggregator: Aggregator;
  readonly remoteDiscovery: RemoteDiscovery;
  /** What is counted of webhooks. */
  readonly webhookMetrics: WebhookMetrics;
  /** Whether the endpoints of deleted pods are out of everybody's routes. */
  readonly endpointRemovals: EndpointRemovals;
  readonly encryption: EncryptionInUse | undefined;
  /** Works with what is told from then on, as far as it can. To be called again when it is done. */
  reconfigure(told: Told): Promise<readonly Reconfigured[]>;
  /** Signs and checks the tokens of service accounts. */
  readonly tokenKeys: TokenKeys;
  /** What ComponentStatus tells of; whoever runs another part of the control plane adds it. */
  readonly components: Map<string, () => string | undefined>;
  /** How many events the parts of the control plane could not write, by component; whoever runs them counts. */
  readonly droppedEvents: Map<string, number>;
  /** A way to call the server from its own process, as `user`. */
  transport(user: UserInfo, userAgent: string): Transport;
}

/** May do everything: for the server's own start-up, and for tests. */
export const superuser: UserInfo = { name: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] };

const extensionNote = 'the note of whom extension API servers believe';

/** Opens the store's content, makes sure that it holds what a new cluster holds, and is ready to serve. */
export async function startApiServer(options: ApiServerOptions): Promise<ApiServer> {
  const { clock, random, log, config, measurements } = options;
  const told: Told = {
    configuration: options.configuration ?? {},
    reviewServers: options.reviewServers ?? new Map(),
  };
  const encryption = await EncryptionInUse.open(told.configuration.encryption, options.encryptionKey, options);
  const stored = new MeasuredStore(options.store, clock);
  const encrypted = encryption && new EncryptedStore(stored, transformerOfKey(encryption));
  const store = encrypted ?? stored;
  const facts = measurements === undefined ? servedResources : [...servedResources, ...metricsFacts];
  const components = new Map<string, () => string | undefined>([['etcd-0', () => cache.problem ?? store.problem()]]);
  const metrics = measurements === undefined ? [] : [nodeMetrics(measurements), podMetrics(measurements)];
  const measured = [componentStatuses(components), ...metrics];
  const catalogs = new Catalogs(builtInCatalog([...definitions, ...measured], facts));
  const cache = await WatchCache.open(
    store,
    catalogs.current.kinds.map(({ prefix }) => prefix),
    { clock, log, ...(options.watchWindow === undefined ? {} : { window: options.watchWindow }) },
  );
  catalogs.onChange((now, before) => {
    const [after, earlier] = [new Set(now.kinds), new Set(before.kinds)];
    for (const kind of earlier) if (!after.has(kind)) cache.close(kind.prefix);
    for (const kind of after) if (!earlier.has(kind)) cache.serve(kind.prefix);
  });
  const nodePorts = new NodePortAllocator(store, config.nodePorts);
  const context = serverContext({ clock, random, log, config, nodePorts }, cache, catalogs);
  const tokens = new ServiceAccountTokens(options.tokenKeys, context);
  const tallies = new AccessTallies();
  tokens.cacheTally = tallies.tokenCache;
  const { clientAuthorities, frontProxy } = options;
  const authentication = new AuthenticationInUse(
    ({ configuration, reviewServers }) =>
      serverAuthentication(
        {
          clientAuthorities,
          serviceAccounts: tokens,
          configuration: configuration.authentication ?? {},
          options: configuration.authenticationOptions ?? {},
          reviewServers,
          tallies,
        },
        context,
      ),
    told,
    context,
    ({ configuration }) => {
      extensionOptions = configuration.authenticationOptions;
      upkeep.hurry(extensionNote);
    },
  );
  const roles = new RoleBasedAuthorizer(context);
  const ownAuthorizers = new OwnAuthorizers(roles, context);
  const authorization = new AuthorizationInUse(
    ({ configuration, reviewServers }) =>
      serverAuthorization(ownAuthorizers, context, tallies, configuration.authorization, reviewServers),
    told,
    context,
  );
  const { authorizer } = authorization;
  const compactor = new Compactor(store, { clock, log });
  const leases = new LeaseReuse(store, clock);
  const webhookMetrics = new WebhookMetrics();
  const versions = new ObjectVersions(catalogs);
  const policies = new AdmissionPolicies(context, versions, authorizer);
  const webhooks = new AdmissionWebhooks(versions, { context, authorizer, metrics: webhookMetrics });
  const admissionTallies = new AdmissionTallies(clock);
  const core: Core = {
    store,
    leases,
    compactor,
    cache,
    catalogs,
    admission: [
      ...admissionPlugins({
        authorizer,
        roles,
        policies,
        webhooks,
        versions,
        writeQuota: (quota) => own.call(statusOf(quota)),
      }),
      ...(options.admission ?? []),
    ].map((plugin) => admissionTallies.timed(plugin)),
    admissionTallies,
    authorizer,
    context,
    ...(encrypted && { isStale: (key: string) => encrypted.isStale(key) }),
  };
  catalogs.add(
    answered(
      virtualResources({
        authorizer,
        withoutRules: () => authorization.withoutRules(),
        roles,
        serviceAccounts: tokens,
        tokens: authentication.tokens,
      }),
    ),
  );
  const flowControl = new FlowControl(context, objectsIn(cache, catalogs), options.flowLimits);
  const aggregated = new AggregatedVersions(context);
  const aggregator = new Aggregator(context, options.frontProxy);
  const remoteDiscovery = new RemoteDiscovery(aggregated, aggregator);
  const chain = new RequestChain({
    authorizer,
    flowControl,
    catalogs,
    aggregated,
    audit: options.audit,
    tallies,
    clock,
  });
  const transport = (user: UserInfo, userAgent: string) =>
    inProcessTransport({ core, chain, aggregator }, user, userAgent);
  const own = transport(superuser, 'kube-apiserver');
  const lastUse = new LastUse(context, own);
  tokens.onLegacyUse = (secret) => lastUse.note(secret);
  const isNew = catalogs.current.kinds.every(({ prefix }) => cache.kind(prefix).size === 0);
  const repair = new AllocationRepair(core);
  await keepDefaultServiceCidr(context, own);
  await repair.pass();
  repair.watchDeletes();
  /** Whom servers behind APIServices are to believe; kept while the server runs, for who else may write it. */
  let extensionOptions = told.configuration.authenticationOptions;
  async function keepExtensionAuthentication(): Promise<void> {
    if (frontProxy === undefined) return;
    await keepExact(context, own, [
      extensionAuthentication(clientAuthorities, frontProxy, extensionOptions?.requestHeader),
    ]);
  }
  await bootstrap(context, own, [
    ...(measurements === undefined ? [] : [metricsReader]),
    ...localVersions(catalogs.current),
  ]);
  await keepExtensionAuthentication();
  const producer = transport(superuser, 'api-priority-and-fairness-config-producer-v1');
  await keepFlowControl(context, producer);
  await keepLegacyTokenTracking(context, own);
  const kinds = new CustomKinds(catalogs, context, webhookMetrics);
  kinds.start();
  const definitionKeeper = new DefinitionKeeper({ clock, log, own, context, kinds });
  definitionKeeper.start();
  // How a new cluster came to be is no history that anybody could have followed.
  if (isNew) {
    await store.compact(cache.revision);
    cache.forgetHistory();
  }
  policies.open();
  webhooks.open();
  tellOfLockOuts(context, own);
  const upkeep = new Upkeep(
    [
      { name: 'the default ServiceCIDR', everyMs: 10_000, run: () => keepDefaultServiceCidr(context, own) },
      {
        name: 'the note of how long tokens are tracked',
        everyMs: 30 * 60_000,
        run: () => keepLegacyTokenTracking(context, own),
      },
      { name: 'the objects of flow control', everyMs: 60_000, run: () => keepFlowControl(context, producer) },
      { name: extensionNote, everyMs: 60_000, run: keepExtensionAuthentication },
      ...(encryption === undefined
        ? []
        : [
            {
              name: 'another look at what could not be decrypted',
              everyMs: 10_000,
              run: async () => (encryption.kms().length > 0 ? cache.readAgain() : undefined),
            },
          ]),
      { name: 'the repair of addresses and ports', everyMs: 3 * 60_000, run: () => repair.pass() },
    ],
    { clock, log },
  );
  const encryptionPart: ReloadablePart = {
    name: 'encryption',
    of: ({ configuration }) => configuration.encryption ?? null,
    async use({ configuration }) {
      if (encryption === undefined) throw new Error('encryption cannot begin while the server runs');
      await encryption.use(configuration.encryption);
      await cache.readAgain();
    },
  };
  const reconfiguration = new Reconfiguration([authentication.part, authorization.part, encryptionPart], told);
  return {
    core,
    context,
    reconfigure: (next) => reconfiguration.apply(next),
    authenticator: authentication.authenticator,
    accessTallies: tallies,
    stored,
    authorizer,
    chain,
    flowControl,
    aggregated,
    aggregator,
    remoteDiscovery,
    webhookMetrics,
    endpointRemovals: new EndpointRemovals(context),
    encryption,
    tokenKeys: options.tokenKeys,
    components,
    droppedEvents: new Map(),
    transport,
    async [Symbol.asyncDispose]() {
      await upkeep[Symbol.asyncDispose]();
      await authentication[Symbol.asyncDispose]();
      await authorization[Symbol.asyncDispose]();
      webhooks[Symbol.dispose]();
      kinds[Symbol.dispose]();
      await definitionKeeper[Symbol.asyncDispose]();
      await compactor[Symbol.asyncDispose]();
      await cache[Symbol.asyncDispose]();
      await encryption?.[Symbol.asyncDispose]();
    },
  };
}

/** By the first word of a key, which is a resource and its group. */
function transformerOfKey(encryption: EncryptionInUse): TransformerOf {
  return (key) => encryption.of(key.slice(root.length, key.indexOf('/', root.length)));
}

/** How many objects of a kind are stored, whatever namespace a list is of. */
function objectsIn(cache: WatchCache, catalogs: Catalogs) {
  return (target: Target): number => {
    if (!target.isResource) return 0;
    const { group, version, resource } = target;
    const prefix = catalogs.current.find(group, version, resource)?.prefix ?? '';
    return prefix === '' ? 0 : (cache.opened(prefix)?.size ?? 0);
  };
}

function statusOf(quota: Readonly<ResourceQuota>): ApiRequest {
  const { namespace, name } = quota.metadata;
  return { verb: 'update', type: ResourceQuotas, namespace: namespace!, name, subresource: 'status', body: quota };
}

/** What is answered and not stored; discovery tells of it, but for subresources, and of the older way to bind. */
function answered(virtual: readonly VirtualResource[]): Partial<CatalogContent> {
  const told = [Bindings, ...virtual.filter(({ parent }) => parent === undefined).map(({ type }) => type)];
  return { virtual, discovered: servedResources.filter(({ type }) => told.includes(type)) };
}
