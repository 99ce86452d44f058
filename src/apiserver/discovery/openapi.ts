import type { Steps } from '../../base/in-steps.ts';
import { apiVersionOf } from '../../apimachinery/resource-type.ts';
import type { ResourceFacts } from '../../api/resource-facts.ts';
import { schema as recorded } from '../../api/schema.ts';
import { extendedSchema, type Schema } from '../../apimachinery/schema.ts';
import type { RemoteVersion } from '../aggregation/remote-discovery.ts';
import { choose, documentAnswer, textAnswer, type DiscoveryAnswer, type Offer } from './answer.ts';
import { CachedDocument } from './cached-document.ts';
import type { Descriptions } from './descriptions.ts';
import { servedGroups } from './groups.ts';
import { encodeDocument } from './openapi/gnostic.ts';
import { openApi2Table } from './openapi/gnostic2.ts';
import { openApi3Table } from './openapi/gnostic3.ts';
import { basePath, groupVersionWord, resourcePaths } from './openapi/operations.ts';
import {
  coreVersionsPath,
  groupPath,
  groupsPath,
  openIdConfigurationPath,
  openIdKeysPath,
  resourcesPath,
  versionPath,
  type PlainPath,
} from './openapi/plain-paths.ts';
import { json } from './in-pieces.ts';
import { openApi2 } from './openapi/version2.ts';
import { openApi3, type Coverage } from './openapi/version3.ts';

export interface OpenApiOptions {
  readonly served: readonly ResourceFacts[];
  readonly descriptions: () => Descriptions;
  /** Of the server: `v1.36.3`. */
  readonly version: string;
  /** What other servers answer, their documents too (default: nothing). */
  readonly remote?: readonly RemoteVersion[];
}

export interface OpenApi {
  readonly documents: ReadonlyMap<string, Document3>;
  /** Answers `/openapi/v2`, `/openapi/v3` and below; `hash` is the query parameter. */
  handle(path: string, accept: string | undefined, hash: string | undefined): Promise<DiscoveryAnswer | undefined>;
}

/** A document of OpenAPI 3, and what it was made of. */
interface Document3 {
  readonly resources: readonly ResourceFacts[];
  readonly offers: readonly Offer[];
}

/**
 * All OpenAPI documents of what is served, each made when first asked for. Documents of `before` that would come out the
 * same are taken over.
 */
export function createOpenApi(options: OpenApiOptions, before?: OpenApi): OpenApi {
  const { served, descriptions } = options;
  const coverages = coverageByName(served);
  const own = served.filter(({ schema }) => schema !== undefined);
  // What every group has in common is listed for Kubernetes' own groups, so that a new kind changes no other document.
  const groupVersions = [...new Set(served.filter((one) => !own.includes(one)).map(({ type }) => apiVersionOf(type)))];
  groupVersions.sort();
  const schema = schemaOf(own);
  const version2 = () => openApi2([...coverages.values()], schema, options.version, groupVersions, descriptions());
  const offers2 = offersOf(version2, 'v2', (document) => encodeDocument(openApi2Table, document));
  const documents = new Map<string, Document3>();
  for (const [name, coverage] of coverages) {
    const known = before?.documents.get(name);
    if (known !== undefined && isSame(known.resources, coverage.resources)) {
      documents.set(name, known);
      continue;
    }
    const document = () => openApi3(coverage, groupVersions, descriptions());
    const offers = offersOf(document, 'v3', (made) => encodeDocument(openApi3Table, made));
    documents.set(name, { resources: coverage.resources, offers });
  }
  const version3 = new Map(Array.from(documents, ([name, { offers }]) => [name, offers]));
  let index: Promise<CachedDocument> | undefined;
  return {
    documents,
    async handle(path, accept, hash) {
      if (path === '/openapi/v2') return answer(offers2, accept);
      if (path === '/openapi/v3' || path === '/openapi/v3/')
        return indexAnswer(await (index ??= indexOf(version3, options.remote ?? [])));
      if (!path.startsWith('/openapi/v3/')) return undefined;
      const name = path.slice('/openapi/v3/'.length);
      const offers = version3.get(name);
      if (!offers) return textAnswer(404, '');
      return version3Answer(name, offers, accept, hash);
    },
  };
}

async function answer(offers: readonly Offer[], accept: string | undefined): Promise<DiscoveryAnswer> {
  const offer = choose(offers, accept);
  return offer ? documentAnswer(offer) : textAnswer(406, '');
}

/** Served as plain text by Kubernetes, so clients may not look at the type. */
function indexAnswer(document: CachedDocument): Promise<DiscoveryAnswer> {
  return documentAnswer({ document, contentType: 'text/plain; charset=utf-8', matches: () => true });
}

/**
 * With the right hash in its address a document never changes; with a wrong one the client is sent to the right
 * address.
 */
async function version3Answer(
  name: string,
  offers: readonly Offer[],
  accept: string | undefined,
  hash: string | undefined,
): Promise<DiscoveryAnswer> {
  if (hash === undefined || hash === '') return answer(offers, accept);
  const { hash: current } = await offers[0]!.document.made();
  if (hash !== current) return textAnswer(301, '', { location: addressOf(name, current) });
  const offer = choose(offers, accept);
  return offer ? documentAnswer(offer, { 'cache-control': 'public, immutable' }) : textAnswer(406, '');
}

/** Needs the hash, and so the making, of all documents. */
async function indexOf(
  documents: ReadonlyMap<string, readonly Offer[]>,
  remote: readonly RemoteVersion[],
): Promise<CachedDocument> {
  const paths: Record<string, { serverRelativeURL: string }> = {};
  for (const [name, offers] of documents) {
    const { hash } = await offers[0]!.document.made();
    paths[name] = { serverRelativeURL: addressOf(name, hash) };
  }
  for (const { group, version, openApi } of remote)
    if (openApi !== undefined) paths[`apis/${group}/${version}`] = { serverRelativeURL: openApi };
  return CachedDocument.json(() => ({ paths }));
}

function addressOf(name: string, hash: string): string {
  return `/openapi/v3/${name}?hash=${hash}`;
}

/** JSON first, then gnostic's protobuf under both of the names that clients use. */
function offersOf(
  document: () => Steps<Record<string, unknown>>,
  version: 'v2' | 'v3',
  encode: (document: Record<string, unknown>) => Uint8Array,
): readonly Offer[] {
  const prefix = `application/com.github.proto-openapi.spec.${version}`;
  return [
    {
      matches: (type) => type === 'application/json' || type === '*/*' || type === 'application/*',
      contentType: 'application/json',
      document: new CachedDocument(function* () {
        return yield* json(yield* document());
      }),
    },
    {
      matches: (type) => type === `${prefix}@v1.0+protobuf` || type === `${prefix}.v1.0+protobuf`,
      contentType: `${prefix}.v1.0+protobuf`,
      document: new CachedDocument(function* () {
        const made = yield* document();
        yield;
        return [encode(made)];
      }),
    },
  ];
}

/** What each document covers, by its name in the index: `api/v1`, `apis/apps`, `apis/apps/v1`, `version`, … */
function coverageByName(served: readonly ResourceFacts[]): Map<string, Coverage & Pick<Document3, 'resources'>> {
  const coverages = new Map<string, Coverage & Pick<Document3, 'resources'>>();
  const add = (name: string, tag: string, plainPaths: PlainPath[], resources: readonly ResourceFacts[] = []) =>
    coverages.set(name, {
      tag,
      plainPaths,
      resources,
      schema: schemaOf(resources),
      info:
        resources.length > 0 && isCustom(resources)
          ? { title: 'Kubernetes CRD Swagger', version: 'v0.1.0' }
          : { title: 'Kubernetes', version: 'unversioned' },
      get paths() {
        return resources.flatMap(resourcePaths);
      },
    });
  const addVersion = (name: string, group: string, version: string) => {
    const own = served.filter(({ type }) => type.group === group && type.version === version);
    const tag = `${group === '' ? 'core' : wordOf(group)}_${version}`;
    const plain = resourcesPath(basePath(group, version), groupVersionWord(group, version), tag);
    add(name, tag, isCustom(own) ? [] : [plain], own);
  };
  add('.well-known/openid-configuration', 'WellKnown', [openIdConfigurationPath]);
  add('api', 'core', [coreVersionsPath]);
  addVersion('api/v1', '', 'v1');
  add('apis', 'apis', [groupsPath]);
  for (const { name, versions } of servedGroups(served)) {
    // Who serves custom kinds tells of their versions only.
    if (!isCustom(served.filter(({ type }) => type.group === name)))
      add(`apis/${name}`, wordOf(name), [groupPath(name, groupVersionWord(name, ''))]);
    for (const version of versions) addVersion(`apis/${name}/${version}`, name, version);
  }
  add('openid/v1/jwks', 'openid', [openIdKeysPath]);
  add('version', 'version', [versionPath]);
  return coverages;
}

/** Whether none of them is a kind of Kubernetes. */
function isCustom(resources: readonly ResourceFacts[]): boolean {
  return resources.every(({ schema }) => schema !== undefined);
}

/** `rbacAuthorization`: a group in the tags of documents. */
function wordOf(group: string): string {
  const word = groupVersionWord(group, '');
  return word.slice(0, 1).toLowerCase() + word.slice(1);
}

function schemaOf(resources: readonly ResourceFacts[]): Schema {
  const own = resources.flatMap(({ schema }) => schema ?? []);
  return own.length === 0 ? recorded : extendedSchema(recorded, Object.assign({}, ...own));
}

function isSame<T>(left: readonly T[], right: readonly T[]): boolean {
  return left.length === right.length && left.every((one, i) => one === right[i]);
}
