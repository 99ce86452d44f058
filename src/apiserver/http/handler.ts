import { fieldSelectorText } from '../../apimachinery/selectors/field-selector.ts';
import type { PatchType } from '../../apimachinery/request.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Gate } from './gate.ts';
import { exactField } from '../auth/exact-field.ts';
import type { UserInfo } from '../auth/auth.ts';
import { handle } from '../rest/handle.ts';
import { isTrueText } from '../rest/truth.ts';
import type { Answer, Core, Operation } from '../rest/operation.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { IncludeObject } from '../rest/table.ts';
import { createVirtual } from '../rest/virtual.ts';
import type { VirtualResource } from '../rest/virtual-resource.ts';
import { watch } from '../rest/watch.ts';
import { readBody } from './body-reader.ts';
import type { WithdrawalRequests } from '../withdrawal/requests.ts';
import { asksForCustomDefinitions, noCustomDefinitions } from '../discovery/custom-definitions.ts';
import { isWorkloadProxy, proxyToWorkload } from '../streams/workload-proxy.ts';
import { statusErrorOf, warningHeaders } from './errors.ts';
import { mediaTypeOf, sendBytes, sendError, sendText, type Request, type Response } from './exchange.ts';
import { isLarge, listPieces } from './list-pieces.ts';
import type { Metrics } from './metrics.ts';
import { nodeStream } from './node-stream.ts';
import { negotiate, type Accepted } from './negotiate.ts';
import type { Pages } from './pages.ts';
import { represent, type Presentation } from './representation.ts';
import { pathOf, readQuery } from './query.ts';
import { refuseUnrouted, requestInfo, type RequestInfo, type ResourceRequestInfo } from './request-info.ts';
import type { Streams } from './streams.ts';
import type { WatchStreams } from './watch-stream.ts';

export interface HandlerParts {
  readonly core: Core;
  readonly gate: Gate;
  readonly pages: Pages;
  readonly withdrawals: WithdrawalRequests;
  readonly streams: Streams;
  readonly watches: WatchStreams;
  readonly metrics: Metrics;
  describeColumn(served: ServedVersion, column: string): string;
}

/** A request after authentication and routing. */
interface Call {
  readonly request: Request;
  readonly response: Response;
  readonly info: RequestInfo;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
  readonly warnings: string[];
}

/** Answers one HTTP request, whatever comes; never rejects. */
export async function serve(parts: HandlerParts, request: Request, response: Response): Promise<void> {
  const done = parts.metrics.begin(request.method ?? 'GET');
  const warnings: string[] = [];
  let info: RequestInfo | undefined;
  let query: URLSearchParams | undefined;
  try {
    const target = request.url ?? '/';
    query = readQuery(target);
    response.setHeader('audit-id', parts.core.context.random.uuid());
    response.setHeader('cache-control', 'no-cache, private');
    info = requestInfo(request.method ?? 'GET', pathOf(target), query);
    const user = await parts.gate.admit(request, info, query);
    const call = { request, response, info, query, user, warnings };
    if (info.isResource) await serveResource(parts, call, info);
    else if (parts.withdrawals.handles(info.path)) await parts.withdrawals.serve({ ...call, path: info.path });
    else parts.pages.serve(request, response, info.path);
  } catch (error) {
    if (!response.headersSent) setWarnings({ response, warnings });
    sendError(request, response, statusErrorOf(error, parts.core.context.log));
  } finally {
    done(info, info?.isResource === true ? (query?.get('dryRun') ?? '') : '', response.statusCode);
  }
}

async function serveResource(parts: HandlerParts, call: Call, asked: ResourceRequestInfo): Promise<void> {
  const info = isBindings(asked) ? { ...asked, resource: 'pods', subresource: 'binding' } : asked;
  const { core } = parts;
  if (info.resource === '') return void parts.pages.serve(call.request, call.response, info.path);
  const resolved = core.catalogs.current.resolve(info);
  if (resolved.kind === 'virtual') return serveVirtual(parts, call, resolved.virtual);
  if (resolved.kind === 'absent') {
    if (asksForCustomDefinitions(info)) {
      const value = noCustomDefinitions(core.cache.revision);
      return send(
        parts,
        call,
        { kind: 'value', code: 200, value },
        presentation(parts, call, acceptedForm(call, false)),
      );
    }
    if (resolved.isGroupKnown) throw refused.pathNotFound();
    return sendText(call.response, 404, '404 page not found\n');
  }
  const { served } = resolved;
  if (!served.type.namespaced && info.namespace !== undefined && info.resource !== 'namespaces')
    throw refused.pathNotFound();
  if (served.type.namespaced && info.namespace === undefined && info.name !== undefined) throw refused.pathNotFound();
  refuseUnrouted(call.request.method ?? 'GET', info);
  if (served.deprecation !== undefined) call.warnings.push(served.deprecation);
  const subresource = served.facts.subresources.find(({ name }) => name === info.subresource);
  if (subresource?.verbs.some((verb) => verb === info.verb) === false) throw refused.methodNotAllowed();
  if (parts.streams.handles(served, info)) return parts.streams.serve(served, info, call);
  if (isWorkloadProxy(served, info)) return proxyToWorkload(core, served, info, call.request, call.response);
  if (info.rest.length > 0) throw refused.pathNotFound();

  const operation = operationOf(call, served, info, await bodyOf(call.request, info));
  if (info.verb === 'watch') return serveWatch(parts, call, operation);
  const accepted = acceptedForm(call, false);
  const answer = await handle(core, operation);
  await send(parts, call, answer, presentation(parts, call, accepted));
}

/** `bindings` is an older way to write `pods/x/binding`, with the name in the body only. */
function isBindings({ group, resource, name, verb }: ResourceRequestInfo): boolean {
  return group === '' && resource === 'bindings' && name === undefined && verb === 'create';
}

async function serveVirtual(parts: HandlerParts, call: Call, virtual: VirtualResource): Promise<void> {
  const info = call.info as ResourceRequestInfo;
  if (info.verb !== 'create') throw refused.methodNotAllowed();
  const accepted = acceptedForm(call, false);
  const body = await readBody(call.request);
  const value = await createVirtual(parts.core, virtual, {
    user: call.user,
    body: { bytes: body, mediaType: mediaTypeOf(call.request) },
    ...(info.namespace === undefined ? {} : { namespace: info.namespace }),
    ...(info.name === undefined ? {} : { name: info.name }),
    options: optionsOf(call.query),
    userAgent: call.request.headers['user-agent'] ?? '',
    warn: (text) => call.warnings.push(text),
  });
  await send(parts, call, { kind: 'value', code: 201, value }, presentation(parts, call, accepted));
}

async function serveWatch(parts: HandlerParts, call: Call, operation: Operation): Promise<void> {
  const { served } = operation;
  if (!served.facts.verbs.includes('watch')) {
    const group = served.type.group === '' ? {} : { group: served.type.group };
    throw refused.other(
      405,
      'MethodNotAllowed',
      `watch is not supported on resources of kind ${JSON.stringify(served.type.resource)}`,
      { ...group, kind: served.type.resource },
    );
  }
  const accepted = acceptedForm(call, true);
  const request = await watch(parts.core, operation);
  const how = presentation(parts, call, accepted);
  setWarnings(call);
  const { stream, signal } = nodeStream(call.response, accepted.mediaType);
  parts.watches.serve(stream, signal, request, how);
}

/** The bytes of an answer to a client that accepts `accepted`. */
async function send(parts: HandlerParts, call: Call, answer: Answer, how: Presentation): Promise<void> {
  setWarnings(call);
  const { mediaType, pretty } = how.accepted;
  if (answer.kind === 'list' && mediaType === 'application/json' && !pretty)
    return sendList(call, mediaType, listPieces(answer, how, parts.core.context.clock), isLarge(answer));
  const code = 'code' in answer ? answer.code : 200;
  sendBytes(call.response, code, represent(answer, how), mediaType);
}

/** Sends a list as fast as the client takes it; one that fits into a piece in one. */
async function sendList({ response }: Call, mediaType: string, pieces: AsyncIterable<Buffer>, isLarge: boolean) {
  if (!isLarge) return sendBytes(response, 200, Buffer.concat(await Array.fromAsync(pieces)), mediaType);
  const { stream, signal } = nodeStream(response, mediaType);
  try {
    for await (const piece of pieces) {
      if (!stream.write(piece)) await stream.drained();
      if (signal.aborted) return;
    }
    stream.end();
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

function setWarnings({ response, warnings }: Pick<Call, 'response' | 'warnings'>): void {
  if (warnings.length > 0) response.setHeader('warning', warningHeaders(warnings));
}

function presentation(parts: HandlerParts, { query }: Call, accepted: Accepted): Presentation {
  const include = query.get('includeObject');
  if (include !== null && !['', 'None', 'Metadata', 'Object'].includes(include))
    throw refused.badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  const { clock } = parts.core.context;
  return {
    accepted,
    includeObject: (include || 'Metadata') as IncludeObject,
    now: () => clock.now(),
    describeColumn: parts.describeColumn,
  };
}

const forms = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const streamForms = `${forms}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`;

function acceptedForm(call: Call, isStream: boolean): Accepted {
  const { request, query } = call;
  const agent = request.headers['user-agent'] ?? '';
  const pretty = query.has('pretty') ? isTrueText(query.get('pretty')) : /^(curl|Wget|Mozilla\/5\.0)/.test(agent);
  const accepted = negotiate(request.headers.accept, pretty);
  if (accepted !== undefined && !(isStream && accepted.mediaType !== 'application/json'))
    return isStream ? { ...accepted, pretty: false } : accepted;
  // Collections can be watched, and say so.
  const isCollection = (call.info as ResourceRequestInfo).verb === 'list' || isStream;
  throw refused.other(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${isCollection ? streamForms : forms}`,
    {},
  );
}

const patchTypes: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

async function bodyOf(request: Request, { verb }: ResourceRequestInfo) {
  if (verb === 'get' || verb === 'list' || verb === 'watch') return undefined;
  const bytes = await readBody(request);
  return { bytes, mediaType: mediaTypeOf(request) };
}

/** Of a parameter that is given twice the first counts, here as for authorization. */
function optionsOf(query: URLSearchParams): Record<string, string> {
  const options: Record<string, string> = {};
  for (const [name, value] of query) if (!Object.hasOwn(options, name)) options[name] = value;
  return options;
}

/** An old watch path may name the one object to watch, which its selector then cannot take back. */
function selectingName(options: Record<string, string>, { isOldWatch, name }: ResourceRequestInfo) {
  if (!isOldWatch || name === undefined) return options;
  const { fieldSelector = '' } = options;
  if (fieldSelector === '') {
    const requirements = [{ field: 'metadata.name', operator: '=', value: name } as const];
    return { ...options, fieldSelector: fieldSelectorText({ requirements }) };
  }
  if (exactField(fieldSelector, 'metadata.name') === name) return options;
  throw refused.badRequest("fieldSelector metadata.name doesn't match requested name");
}

function operationOf(
  { request, query, user, warnings, response }: Call,
  served: ServedVersion,
  info: ResourceRequestInfo,
  body: Operation['body'],
): Operation {
  const namespace = served.type.namespaced ? info.namespace : undefined;
  let patchType: PatchType | undefined;
  if (info.verb === 'patch') {
    patchType = patchTypes[mediaTypeOf(request)];
    if (patchType === undefined) {
      const known = [...Object.keys(patchTypes), 'application/apply-patch+cbor'].join(', ');
      throw refused.other(
        415,
        'UnsupportedMediaType',
        `the body of the request was in an unknown format - accepted media types include: ${known}`,
      );
    }
  }
  return {
    request: {
      verb: info.verb,
      type: served.type,
      ...(namespace === undefined ? {} : { namespace }),
      ...(info.name === undefined ? {} : { name: info.name }),
      ...(info.subresource === undefined ? {} : { subresource: info.subresource }),
      ...(patchType === undefined ? {} : { patchType }),
      options: selectingName(optionsOf(query), info),
      cause: { request: String(response.getHeader('audit-id')) },
    },
    served,
    user,
    userAgent: request.headers['user-agent'] ?? '',
    body,
    warn: (text) => warnings.push(text),
  };
}
