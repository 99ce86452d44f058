import type { ResourceFacts } from '../../src/api/resource-facts.ts';
import { servedResources } from '../../src/api/resources.ts';
import { protobuf } from '../../src/api/protobuf.ts';
import { apiVersionOf } from '../../src/apimachinery/resource-type.ts';
import { stringifyYaml } from '../../src/apimachinery/yaml.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import { definitions } from '../../src/apiserver/resources/all.ts';
import { minimalObject } from '../kit/minimal-objects.ts';
import { configurationOf } from './configurations.ts';
import { customKinds, customObject } from './custom-kinds.ts';
import { mutated, mutatedBytes } from './mutate.ts';
import { below, chance, oddText, oddValue, pick } from './odd-values.ts';

export type Who = 'admin' | 'reader' | 'stranger';

/** One request, made of nothing but a seed and its number, so that it can be made again. */
export interface FuzzRequest {
  readonly number: number;
  readonly who: Who;
  readonly protocol: 'HTTP/1.1' | 'HTTP/2';
  readonly method: string;
  /** With the query, escaped. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const served = new Set(definitions.map(({ type }) => `${apiVersionOf(type)} ${type.resource}`));
const stored = servedResources.filter(({ type }) => served.has(`${apiVersionOf(type)} ${type.resource}`));
/** Questions that are answered and not stored. */
const reviews = servedResources.filter(({ type }) => type.kind.endsWith('Review'));
const configurations = stored.filter((facts) => configurationOf(facts, '') !== undefined);
/** So few that requests meet the same objects. */
const names = ['a', 'b', 'c', 'kubernetes', 'default', 'missing'];
const methods = ['GET', 'GET', 'POST', 'PUT', 'PATCH', 'PATCH', 'DELETE'];
const oddMethods = ['HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'get'];
const patchTypes = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];
const accepts = [
  'application/json',
  'application/json;as=Table;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io',
  'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json',
  'application/yaml',
  'application/vnd.kubernetes.protobuf,application/json',
  'application/vnd.kubernetes.protobuf',
  'application/vnd.kubernetes.protobuf;stream=watch,application/json',
  '*/*',
  'text/html;q=0.9',
  ';;;,,q=',
];
/** What clients ask for; the rest of {@link accepts} is often refused before anything is done. */
const usualAccepts = ['application/json', 'application/vnd.kubernetes.protobuf,application/json'];
const options = [
  'watch',
  'timeoutSeconds',
  'limit',
  'continue',
  'resourceVersion',
  'resourceVersionMatch',
  'sendInitialEvents',
  'allowWatchBookmarks',
  'labelSelector',
  'fieldSelector',
  'dryRun',
  'fieldManager',
  'fieldValidation',
  'force',
  'pretty',
  'gracePeriodSeconds',
  'propagationPolicy',
  'orphanDependents',
  'includeObject',
  'timeout',
  'container',
  'tailLines',
  'command',
];
const goodOptions: Readonly<Record<string, readonly string[]>> = {
  watch: ['true', '1', 'false'],
  timeoutSeconds: ['1'],
  limit: ['1', '2', '500'],
  resourceVersion: ['0', '1', '50'],
  resourceVersionMatch: ['NotOlderThan', 'Exact'],
  sendInitialEvents: ['true', 'false'],
  allowWatchBookmarks: ['true'],
  labelSelector: ['app=it', 'app in (it,x),!y', 'app'],
  fieldSelector: ['metadata.name=a', 'metadata.namespace!=default', 'spec.nodeName=n,status.phase=Running'],
  dryRun: ['All'],
  fieldManager: ['it', 'other'],
  fieldValidation: ['Strict', 'Warn', 'Ignore'],
  force: ['true'],
  gracePeriodSeconds: ['0', '1'],
  propagationPolicy: ['Orphan', 'Background', 'Foreground'],
};
const paths = [
  '/',
  '/api',
  '/apis',
  '/apis/apps',
  '/apis/apps/v1',
  '/openapi/v2',
  '/openapi/v3',
  '/version',
  '/metrics',
  '/livez',
  '/readyz/ping',
  '/healthz?verbose',
  '/openid/v1/jwks',
  '/.well-known/openid-configuration',
  '/nothing',
];

export function fuzzRequest(seed: string, number: number): FuzzRequest {
  const random = new SeededRandom(`${seed}/${number}`);
  const method = chance(random, 0.03) ? pick(random, oddMethods) : pick(random, methods);
  const facts = pick(random, kindsOf(random));
  const path = pathOf(random, facts, method) + queryOf(random);
  const { contentType, body } = bodyOf(random, facts, method);
  const headers: Record<string, string> = {
    accept: chance(random, 0.5) ? pick(random, usualAccepts) : pick(random, accepts),
  };
  if (contentType !== undefined) headers['content-type'] = contentType;
  if (chance(random, 0.02)) headers['impersonate-user'] = pick(random, ['bob', 'system:node:n', '']);
  if (chance(random, 0.02)) headers['accept-encoding'] = 'gzip';
  if (chance(random, 0.02)) headers['user-agent'] = 'x'.repeat(below(random, 3000));
  if (chance(random, 0.02))
    headers['authorization'] = `Bearer ${pick(random, ['x', 'a.b.c', '..', 'é'.repeat(20)]).replace(/é/g, 'e')}`;
  const who = chance(random, 0.85) ? 'admin' : pick<Who>(random, ['reader', 'stranger']);
  return { number, who, protocol: pick(random, ['HTTP/1.1', 'HTTP/2']), method, path, headers, body };
}

/** One request in eight is for a custom kind, and one in sixteen writes what tells the server how to treat others. */
function kindsOf(random: SeededRandom): readonly ResourceFacts[] {
  const what = below(random, 32);
  if (what < 4) return customKinds;
  if (what < 6) return configurations;
  return what < 9 ? reviews : stored;
}

function pathOf(random: SeededRandom, { type, subresources }: ResourceFacts, method: string): string {
  if (chance(random, 0.05)) return pick(random, paths);
  const segment = (text: string) => (chance(random, 0.02) ? encodeURIComponent(text) || '%zz' : text);
  const root = type.group === '' ? `/api/${type.version}` : `/apis/${type.group}/${type.version}`;
  const watch = chance(random, 0.04) ? '/watch' : '';
  const namespace =
    type.namespaced !== chance(random, 0.05)
      ? `/namespaces/${segment(pick(random, ['default', 'default', 'default', 'b', 'missing']))}`
      : '';
  let path = `${root}${watch}${namespace}/${type.resource}`;
  // Without all definitions there were nothing to be asked about any more.
  const mustBeNamed = method === 'DELETE' && type.kind === 'CustomResourceDefinition';
  const isNamed = mustBeNamed || (method === 'POST' ? chance(random, 0.1) : chance(random, 0.8));
  if (isNamed) {
    path += `/${segment(chance(random, 0.03) ? escaped(oddText(random)) : pick(random, names))}`;
    if (chance(random, 0.15))
      path += `/${subresources.length > 0 && chance(random, 0.9) ? pick(random, subresources).name : 'status'}`;
    if (chance(random, 0.02)) path += '/more/%2e%2e/../x';
  }
  return path;
}

function queryOf(random: SeededRandom): string {
  const pairs: string[] = [];
  while (chance(random, 0.35)) {
    const name = pick(random, options);
    const good = goodOptions[name];
    const value = good !== undefined && chance(random, 0.7) ? pick(random, good) : oddText(random);
    pairs.push(`${name}=${chance(random, 0.02) ? '%zz' : escaped(value)}`);
  }
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`;
}

function escaped(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}

function bodyOf(
  random: SeededRandom,
  facts: ResourceFacts,
  method: string,
): { contentType?: string; body: Buffer | undefined } {
  if (method === 'GET' || method === 'HEAD') return { body: undefined };
  if (method === 'DELETE')
    return chance(random, 0.7)
      ? { body: undefined }
      : written(
          random,
          mutated(random, {
            kind: 'DeleteOptions',
            apiVersion: 'v1',
            propagationPolicy: 'Background',
            preconditions: { uid: 'x' },
          }),
          undefined,
        );
  const object = objectOf(random, facts);
  if (method !== 'PATCH') return written(random, object, undefined);
  const patchType = chance(random, 0.03) ? 'application/json' : pick(random, patchTypes);
  const patch = patchType === patchTypes[0] ? jsonPatch(random) : object;
  return written(random, patch, patchType);
}

function plainObject(random: SeededRandom, facts: ResourceFacts): object {
  const { type } = facts;
  if (type.kind.endsWith('Review')) return { kind: type.kind, apiVersion: apiVersionOf(type), spec: {} };
  // Of few requests some are to make what is there already.
  if (customKinds.includes(facts)) return customObject(facts, 'a');
  const name = pick(random, names);
  return (chance(random, 0.7) ? configurationOf(facts, name) : undefined) ?? minimalObject(type, name);
}

function objectOf(random: SeededRandom, facts: ResourceFacts): unknown {
  const object = plainObject(random, facts);
  if (chance(random, 0.3)) return object;
  return mutated(random, {
    ...object,
    metadata: {
      ...('metadata' in object ? (object.metadata as object) : {}),
      labels: { app: 'it' },
      annotations: { x: 'y' },
    },
  });
}

function jsonPatch(random: SeededRandom): unknown {
  const pointers = [
    '',
    '/',
    '/metadata/labels/app',
    '/metadata/labels',
    '/spec',
    '/spec/containers/0/image',
    '/spec/containers/-',
    '/metadata/name',
    '/a~1b~0c',
    'x',
    '/spec/containers/99999999999',
  ];
  const operation = () => ({
    op: pick(random, ['add', 'remove', 'replace', 'test', 'copy', 'move', 'odd']),
    path: pick(random, pointers),
    from: pick(random, pointers),
    value: oddValue(random),
  });
  return chance(random, 0.1) ? oddValue(random) : Array.from({ length: 1 + below(random, 4) }, operation);
}

/** The value in one of the forms that bodies have, now and then with broken bytes. */
function written(
  random: SeededRandom,
  value: unknown,
  patchType: string | undefined,
): { contentType: string; body: Buffer } {
  const form =
    patchType === 'application/apply-patch+yaml'
      ? pick(random, ['json', 'yaml'])
      : patchType !== undefined
        ? 'json'
        : pick(random, ['json', 'json', 'yaml', 'protobuf']);
  const json = Buffer.from(oddJson(random, JSON.stringify(value) ?? ''));
  const bytes = form === 'json' ? json : form === 'yaml' ? yamlOf(random, value, json) : protobufOf(random, value);
  const types: Record<string, string> = {
    json: 'application/json',
    yaml: 'application/yaml',
    protobuf: 'application/vnd.kubernetes.protobuf',
  };
  const contentType = chance(random, 0.02)
    ? pick(random, ['text/plain', '', 'application/json; charset=utf-16', 'application/cbor'])
    : (patchType ?? types[form]!);
  return { contentType, body: chance(random, 0.15) ? mutatedBytes(random, bytes) : bytes };
}

/** JSON as no writer of ours makes it: members twice, numbers that no double holds, numbers where texts were. */
function oddJson(random: SeededRandom, json: string): string {
  if (!chance(random, 0.1)) return json;
  const what = below(random, 4);
  if (what === 0) return json.replace(/^\{("[^"]*":)/, '{$1null,$1');
  if (what === 1) return json.replace(/:(\d+)/g, () => `:${pick(random, oddNumbers)}`);
  if (what === 2)
    return json.replace(/:"[^"]*"/g, (text) => (chance(random, 0.2) ? `:${pick(random, oddNumbers)}` : text));
  return json + pick(random, ['', ' ', '\0', '{}', ']', '\ufeff', '//']);
}

const oddNumbers = ['9007199254740993', '1e400', '-0', '1.0', '18446744073709551616', `1${'0'.repeat(5000)}`, '1e-9'];

/** The object as Go clients send it; a value that has no message is noise in an envelope. */
function protobufOf(random: SeededRandom, value: unknown): Buffer {
  try {
    const object = value as { readonly kind: string; readonly apiVersion: string };
    return Buffer.concat(protobuf.encode(object, protobuf.definitionOf(object)!));
  } catch {
    return Buffer.concat([Buffer.from('k8s\0'), random.bytes(below(random, 200))]);
  }
}

/** A large value stays JSON, which is YAML too: writing what nests deeply as blocks takes the fuzzer seconds. */
function yamlOf(random: SeededRandom, value: unknown, json: Buffer): Buffer {
  if (chance(random, 0.1)) return Buffer.from(aliases);
  if (json.length > 4096) return json;
  try {
    return Buffer.from(stringifyYaml(value));
  } catch (error) {
    // A short one may nest deeper than it can be written.
    if (error instanceof RangeError) return json;
    throw error;
  }
}

const aliases = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  'b: &b [*a,*a,*a,*a,*a,*a,*a,*a]',
  'c: &c [*b,*b,*b,*b,*b,*b,*b,*b]',
  'd: [*c,*c,*c,*c,*c,*c,*c,*c]',
].join('\n');
