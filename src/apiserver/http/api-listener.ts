import { protobuf } from '../../api/protobuf.ts';
import type { ResourceType } from '../../apimachinery/resource-type.ts';
import type { ApiServer } from '../api-server.ts';
import type { ResourceCache } from '../cache/resource-cache.ts';
import type { Descriptions } from '../discovery/descriptions.ts';
import { createDiscovery } from '../discovery/discovery.ts';
import { Targets } from '../request/targets.ts';
import { EndpointRemovalRequests } from '../endpoint-removal/requests.ts';
import { accessMetrics } from './access-metrics.ts';
import { admissionMetrics } from './admission-metrics.ts';
import { storeMetrics } from './store-metrics.ts';
import { columnDescriber } from './column-descriptions.ts';
import { CredentialsOfConnections } from './credentials.ts';
import type { Handler } from '../../http/exchange.ts';
import { listenForHttp, type TlsListener } from '../../http/listen.ts';
import type { ListenOptions } from '../../http/options.ts';
import { WorkloadProxy } from '../streams/workload-proxy.ts';
import { healthChecks } from './health-checks.ts';
import { encryptionMetrics } from './encryption-metrics.ts';
import { serve, type HandlerParts } from './handler.ts';
import { LargeTexts } from './large-texts.ts';
import { Metrics } from './metrics.ts';
import { Pages } from './pages.ts';
import { PiecePool } from './piece-buffers.ts';
import { ProtobufForms } from './protobuf-forms.ts';
import { Shutdown, type ShutdownTimes } from './shutdown.ts';
import { Streams, type KubeletProxy } from './streams.ts';
import { watchMetrics } from './watch-metrics.ts';
import { WatchStreams } from './watch-stream.ts';
import { ProfilePages } from '../profiling/profile-pages.ts';

export interface ApiListenOptions {
  /** `v1.36.3`, for OpenAPI. */
  readonly version: string;
  /** What `/version` answers. */
  readonly versionInfo: Readonly<Record<string, string>>;
  readonly descriptions?: () => Descriptions;
  /** How serving ends. */
  readonly shutdown?: ShutdownTimes;
  /** Texts of further metrics. */
  readonly metrics?: readonly (() => string)[];
  /** How to reach kubelets; without it logs and exec are refused. */
  readonly kubelets?: KubeletProxy;
}

/** How others find the keys of service account tokens (OpenID Connect Discovery). */
function openidConfiguration(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  };
}

/** Answers requests over HTTP; disposing ends the watches that are open. */
export interface ApiHandler extends AsyncDisposable {
  /** Answers one request, whatever comes. */
  readonly serve: Handler;
  /** Ends serving, as {@link Shutdown} says; to be called before the connections are ended. */
  shutDown(): Promise<void>;
}

/** Disposing ends serving, and then the connections. */
export interface ApiListener extends TlsListener {
  /** As {@link ApiHandler.shutDown}. */
  shutDown(): Promise<void>;
}

/** Puts an API server on the network: everything that clients reach over HTTPS. */
export async function listenForApi(api: ApiServer, options: ApiListenOptions & ListenOptions): Promise<ApiListener> {
  await using opened = new AsyncDisposableStack();
  const { serve, shutDown } = opened.use(await createApiHandler(api, options));
  const listener = opened.use(await listenForHttp({ ...options, clock: api.context.clock }, serve));
  opened.defer(shutDown);
  const running = opened.move();
  return { ...listener, shutDown, [Symbol.asyncDispose]: () => running.disposeAsync() };
}

/** What stands between HTTP and an API server, without the network. */
export async function createApiHandler(api: ApiServer, options: ApiListenOptions): Promise<ApiHandler> {
  const { core, context, tokenKeys, encryption } = api;
  const { clock, random, config } = context;
  await using opened = new AsyncDisposableStack();
  const shutdown = new Shutdown(clock, options.shutdown);
  const watches = opened.use(new WatchStreams(clock, random));
  const metrics = new Metrics(
    clock,
    {
      objects: () =>
        core.catalogs.current.versions.flatMap(({ type, prefix }) =>
          prefix === '' ? [] : [sizesOf(type, core.cache.opened(prefix))],
        ),
      revision: () => core.cache.revision,
      running: () => api.flowControl.running,
      droppedEvents: () => api.droppedEvents,
      levels: () => api.flowControl.levels,
      more: [
        () => watchMetrics(watches.tallies),
        () => api.webhookMetrics.registry.metrics(),
        () => accessMetrics(api.accessTallies),
        () => admissionMetrics(core.admissionTallies),
        () => storeMetrics(api.stored),
        ...(encryption === undefined ? [] : [() => encryptionMetrics(encryption.tallies)]),
        ...(options.metrics ?? []),
      ],
      version: options.versionInfo,
    },
    (target) => core.catalogs.current.serves(target),
  );
  const pieces = new PiecePool();
  const describe = options.descriptions ?? (() => ({}));
  const pages = new Pages({
    discovery: createDiscovery({
      served: () => core.catalogs.current.discovered,
      remote: () => api.remoteDiscovery.versions,
      serverAddress: `${config.advertise.host}:${config.advertise.port}`,
      version: options.version,
      descriptions: describe,
    }),
    metrics,
    pieces,
    health: healthChecks(
      () => core.cache.problem ?? core.store.problem(),
      () => encryption?.kms() ?? [],
      () => shutdown.problem,
    ),
    openid: { configuration: () => openidConfiguration(config.issuer), keys: () => tokenKeys.keySet() },
    version: options.versionInfo,
    clock: context.clock,
    log: context.log,
  });
  const parts: HandlerParts = {
    core,
    chain: api.chain,
    targets: new Targets(),
    credentials: new CredentialsOfConnections(),
    authenticator: api.authenticator,
    pages,
    endpointRemovals: new EndpointRemovalRequests(api.endpointRemovals, context),
    streams: new Streams(core, options.kubelets),
    workloads: new WorkloadProxy(core),
    profiles: new ProfilePages(clock),
    shutdown,
    aggregator: api.aggregator,
    watches,
    metrics,
    protobuf: new ProtobufForms(protobuf),
    texts: opened.use(new LargeTexts(clock)),
    pieces,
    describeColumn: columnDescriber(describe),
  };
  const running = opened.move();
  return {
    serve: (exchange) => serve(parts, exchange),
    shutDown: () => shutdown.run(() => watches[Symbol.dispose]()),
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}

function sizesOf(type: ResourceType, cache: ResourceCache | undefined): readonly [ResourceType, number, number] {
  return [type, cache?.size ?? 0, cache?.bytes ?? 0];
}
