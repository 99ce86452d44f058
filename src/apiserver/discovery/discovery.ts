import { dump } from 'js-yaml';
import { schema } from '../../api/schema.ts';
import { refused } from '../../apimachinery/status.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import type { RemoteVersion } from '../aggregation/remote-discovery.ts';
import { aggregatedCore, aggregatedGroups, aggregatedProtobuf, type GroupDiscoveryList } from './aggregated.ts';
import { choose, documentAnswer, statusAnswer, textAnswer, type DiscoveryAnswer, type Offer } from './answer.ts';
import { CachedDocument } from './cached-document.ts';
import type { Descriptions } from './descriptions.ts';
import { coreVersions, groupDocument, groupList, resourceList, servedGroups } from './groups.ts';
import { createOpenApi, type OpenApi } from './openapi.ts';

export interface DiscoveryOptions {
  /** What the server serves now, with only those verbs and subresources that it has: the same array until it changes. */
  readonly served: () => readonly ResourceFacts[];
  /** What other servers answer: the same array until it changes (default: nothing). */
  readonly remote?: () => readonly RemoteVersion[];
  /** `host:port` under which clients reach this server. */
  readonly serverAddress: string;
  /** Of the server: `v1.36.3`. */
  readonly version: string;
  /** Asked for once, when the first OpenAPI document is made. */
  readonly descriptions?: () => Descriptions;
}

export interface Discovery {
  /**
   * Answers a GET of `/`, `/api`, `/apis`, their groups and versions, and `/openapi`; `undefined` for any other path.
   * `hash` is the query parameter of OpenAPI 3 addresses.
   */
  handle(path: string, accept?: string, hash?: string): Promise<DiscoveryAnswer | undefined>;
}

/** Discovery and OpenAPI of what is served. Documents are made when first asked for, and kept until that changes. */
export function createDiscovery(options: DiscoveryOptions): Discovery {
  let served: readonly ResourceFacts[] | undefined;
  let remote: readonly RemoteVersion[] = nothing;
  let openApi: OpenApi | undefined;
  let documents: ReadonlyMap<string, readonly Offer[]> = new Map();
  return {
    async handle(path, accept, hash) {
      const now = options.served();
      const elsewhere = options.remote?.() ?? nothing;
      if (now !== served || elsewhere !== remote || openApi === undefined) {
        served = now;
        remote = elsewhere;
        openApi = createOpenApi(
          {
            // Kinds whose definitions nobody knows cannot be described.
            served: now.filter(({ type, schema: own = schema }) => Object.hasOwn(own, type.definition)),
            version: options.version,
            descriptions: options.descriptions ?? (() => ({})),
            remote,
          },
          openApi,
        );
        documents = documentsOf(now, remote, options.serverAddress);
      }
      if (path.startsWith('/openapi/')) return openApi.handle(path, accept, hash);
      const plainPath = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path;
      const offers = documents.get(plainPath);
      return offers ? answer(offers, accept) : nothingThere(plainPath, documents);
    },
  };
}

const nothing: readonly RemoteVersion[] = [];

/** The documents of discovery by their path. */
function documentsOf(
  served: readonly ResourceFacts[],
  remote: readonly RemoteVersion[],
  serverAddress: string,
): ReadonlyMap<string, readonly Offer[]> {
  const documents = new Map<string, readonly Offer[]>();
  const all = servedGroups(served, remote);
  documents.set('/api', [
    ...plainOffers(() => coreVersions(serverAddress)),
    ...aggregatedOffers(() => aggregatedCore(served)),
  ]);
  documents.set('/apis', [
    ...plainOffers(() => groupList(served, remote)),
    ...aggregatedOffers(() => aggregatedGroups(served, remote)),
  ]);
  documents.set(
    '/api/v1',
    plainOffers(() => resourceList(served, '', 'v1')),
  );
  for (const group of all) {
    documents.set(
      `/apis/${group.name}`,
      plainOffers(() => groupDocument(group)),
    );
    for (const version of group.versions) {
      documents.set(
        `/apis/${group.name}/${version}`,
        plainOffers(() => resourceList(served, group.name, version)),
      );
    }
  }
  documents.set(
    '/',
    plainOffers(() => ({
      paths: [...documents.keys(), '/apis/', ...otherPaths].filter((path) => path !== '/').sort(),
    })),
  );
  return documents;
}

/** What else is served; `/` names it all. */
const otherPaths = [
  '/.well-known/openid-configuration',
  '/healthz',
  '/livez',
  '/metrics',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/',
  '/openid/v1/jwks',
  '/readyz',
  '/version',
];

async function answer(offers: readonly Offer[], accept: string | undefined): Promise<DiscoveryAnswer> {
  const offer = choose(offers, accept);
  if (offer) return { ...(await documentAnswer(offer)), headers: { vary: 'Accept' } };
  // Two negotiators stand in a row in Kubernetes: a request for the aggregated form meets the other one.
  return accept?.includes('as=')
    ? statusAnswer(refused.notAcceptable(`only the following media types are accepted: ${mediaTypes}`))
    : statusAnswer(
        refused.other(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${mediaTypes}`, {}),
      );
}

const mediaTypes = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';

/** A version that a known group lacks, or a group that is not known. Longer paths are resources, not discovery. */
function nothingThere(path: string, documents: ReadonlyMap<string, unknown>): DiscoveryAnswer | undefined {
  const [root, group, version, ...rest] = path.split('/').slice(1);
  if (rest.length > 0 || (root === 'api' && version !== undefined)) return undefined;
  if (root === 'api') return statusAnswer(refused.pathNotFound());
  if (root !== 'apis') return undefined;
  const isKnownGroup = documents.has(`/apis/${group}`);
  return isKnownGroup ? statusAnswer(refused.pathNotFound()) : textAnswer(404, '404 page not found\n');
}

function plainOffers(make: () => unknown): Offer[] {
  const isPlain = (parameters: Readonly<Record<string, string>>) => parameters['as'] === undefined;
  return [
    {
      matches: (type, parameters) =>
        isPlain(parameters) && (type === 'application/json' || type === '*/*' || type === 'application/*'),
      contentType: 'application/json',
      document: CachedDocument.json(make),
    },
    {
      matches: (type, parameters) => isPlain(parameters) && type === 'application/yaml',
      contentType: 'application/yaml',
      document: CachedDocument.whole(() => Buffer.from(dump(make()))),
    },
  ];
}

function aggregatedOffers(make: () => GroupDiscoveryList): Offer[] {
  const isWanted = ({ g, v, as }: Readonly<Record<string, string>>) =>
    as === 'APIGroupDiscoveryList' && g === 'apidiscovery.k8s.io' && v === 'v2';
  const contentType = (type: string) => `${type};g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList`;
  return [
    {
      matches: (type, parameters) => isWanted(parameters) && (type === 'application/json' || type === '*/*'),
      contentType: contentType('application/json'),
      document: CachedDocument.json(make),
    },
    {
      matches: (type, parameters) => isWanted(parameters) && type === 'application/vnd.kubernetes.protobuf',
      contentType: contentType('application/vnd.kubernetes.protobuf'),
      document: CachedDocument.whole(() => aggregatedProtobuf(make())),
    },
  ];
}
