import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';
import type { Exchange } from '../../http/exchange.ts';
import { anonymous, type Authenticator, type UserInfo } from '../auth/auth.ts';
import { wantedUser } from '../auth/impersonation.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { isLarge } from '../large.ts';
import { answer } from '../request/answer.ts';
import type { RequestChain } from '../request/chain.ts';
import { admitConnection } from '../request/connection.ts';
import type { RequestContext } from '../request/context.ts';
import { TooManyRequestsError } from '../flow-control/too-many-requests.ts';
import { operationOf } from '../request/operation.ts';
import type { Resolved } from '../request/resolve.ts';
import type { PathTarget, ResourceTarget, Target } from '../request/target.ts';
import type { Targets } from '../request/targets.ts';
import type { Answer, Core } from '../rest/operation.ts';
import { watch } from '../rest/watch.ts';
import { binaryWatchMessages, isWebSocket, watchMessages, WebSocketExchange } from '../streams/web-socket-exchange.ts';
import { isUpgrade } from '../streams/proxy-request.ts';
import type { WorkloadProxy } from '../streams/workload-proxy.ts';
import type { Admitted } from '../flow-control/flow-control.ts';
import type { Aggregator } from '../aggregation/aggregator.ts';
import type { EndpointRemovalRequests } from '../endpoint-removal/requests.ts';
import { acceptsGzip, compressed, compressedAbove, compressedHeaders } from './compression.ts';
import { applyType, contentOf } from './content.ts';
import type { CredentialsOfConnections } from './credentials.ts';
import { longRunning } from '../flow-control/long-running.ts';
import { isProfilePage, type ProfilePages } from '../profiling/profile-pages.ts';
import { statusErrorOf } from './errors.ts';
import type { LargeTexts } from './large-texts.ts';
import { isInPieces, listPieces, protobufListPieces } from './list-pieces.ts';
import type { Metrics } from './metrics.ts';
import type { Accepted } from './negotiate.ts';
import type { Pages } from './pages.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import type { PiecePool } from './piece-buffers.ts';
import { presentedBody } from './presented-body.ts';
import { acceptedForm, presentationOf } from './presentation.ts';
import { mediaTypeOf, Reply } from './reply.ts';
import { represent, representInSteps, type ListAnswer, type Presentation } from './representation.ts';
import { sendPieces, type MakePieces } from './send-pieces.ts';
import type { Shutdown } from './shutdown.ts';
import { sourceAddresses } from './source-addresses.ts';
import type { Streams } from './streams.ts';
import type { WatchStreams } from './watch-stream.ts';

export interface HandlerParts {
  readonly core: Core;
  readonly chain: RequestChain;
  readonly targets: Targets;
  readonly credentials: CredentialsOfConnections;
  readonly authenticator: Authenticator;
  readonly pages: Pages;
  readonly endpointRemovals: EndpointRemovalRequests;
  readonly streams: Streams;
  readonly workloads: WorkloadProxy;
  readonly profiles: ProfilePages;
  readonly shutdown: Shutdown;
  readonly aggregator: Aggregator;
  readonly watches: WatchStreams;
  readonly metrics: Metrics;
  readonly protobuf: ProtobufForms;
  readonly texts: LargeTexts;
  readonly pieces: PiecePool;
  describeColumn(served: ServedVersion, column: string): string;
}

/** A request over HTTP that goes through the chain. */
interface Call {
  readonly exchange: Exchange;
  readonly reply: Reply;
  readonly context: RequestContext;
}

/** Answers one HTTP request, whatever comes; never rejects. */
export async function serve(parts: HandlerParts, exchange: Exchange): Promise<void> {
  const { core, chain, metrics, shutdown } = parts;
  if (shutdown.refuses(exchange)) return;
  const began = metrics.now();
  const reply = new Reply(exchange, exchange.headers.get('audit-id') || core.context.random.uuid(), parts.protobuf);
  let target: Target | undefined;
  /** Its end is waited for when the server ends. */
  let isShort = false;
  try {
    const asked = (target = parts.targets.of(exchange.method, exchange.target));
    isShort = longRunning(asked, isUpgrade(exchange)) === undefined;
    if (isShort) shutdown.enter();
    const arrival = {
      target: asked,
      auditId: reply.auditId,
      userAgent: exchange.headers.get('user-agent') ?? '',
      warnings: reply.warnings,
      authenticate: () => senderOf(parts, exchange, asked.path),
      impersonates: () => wantedUser(exchange.headers.raw),
      gone: () => exchange.signal,
      isUpgrade: isUpgrade(exchange),
      classified: (place: Admitted) => reply.belongsTo(place),
      origin: () => ({ uri: exchange.target, addresses: sourceAddresses(exchange) }),
      code: () => reply.status,
    };
    await chain.pass(arrival, (context, resolved) => {
      reply.audited = context.audited;
      return run(parts, { exchange, reply, context }, resolved);
    });
  } catch (error) {
    refuse(parts, reply, error);
  } finally {
    if (isShort) shutdown.leave();
    metrics.count(exchange.method, target, reply.status, began, isApply(exchange), reply.bytes);
  }
}

function senderOf(
  { authenticator, credentials }: HandlerParts,
  exchange: Exchange,
  path: string,
): UserInfo | Promise<UserInfo> {
  const known = authenticator.authenticate(credentials.of(exchange), path, exchange.headers);
  return known instanceof Promise ? known.then((user) => user ?? anonymous) : (known ?? anonymous);
}

/** The last step: who answers does so over HTTP. */
function run(parts: HandlerParts, call: Call, resolved: Resolved): void | Promise<void> {
  const { reply, context, exchange } = call;
  switch (resolved.kind) {
    case 'page':
      return page(parts, call, context.target as PathTarget);
    case 'no page':
      return reply.text(404, '404 page not found\n');
    case 'aggregated':
      return parts.aggregator.serve(reply, context, resolved.service);
    case 'log':
    case 'stream':
      return parts.streams.serve(reply, context, resolved);
    case 'proxy':
      return serveProxy(parts, reply, context, resolved);
    case 'stored':
    case 'measured':
      if (resolved.target.verb === 'watch') return serveWatch(parts, call, resolved.target, resolved.served);
  }
  const accepted = acceptedForm(exchange, context, resolved);
  const how = presentationOf(parts, context, accepted);
  const served = resolved.kind === 'stored' ? resolved.served : undefined;
  const content = () =>
    contentOf(parts.texts, parts.core.context.clock, exchange, context.target as ResourceTarget, served);
  if (accepted.representation.form !== 'object') context.audited?.presents((one) => presentedBody(one, how));
  const made = answer(parts.core, context, resolved, content);
  return made instanceof Promise ? made.then((one) => send(parts, reply, one, how)) : send(parts, reply, made, how);
}

async function serveProxy(
  { core, streams, workloads }: HandlerParts,
  reply: Reply,
  context: RequestContext,
  resolved: Extract<Resolved, { kind: 'proxy' }>,
): Promise<void> {
  await admitConnection(core, context, resolved);
  const { of, served, target } = resolved;
  return of === 'nodes' ? streams.proxyToNode(reply, target) : workloads.serve(reply, served, target);
}

function send({ core, pieces }: HandlerParts, reply: Reply, made: Answer, how: Presentation): void | Promise<void> {
  const { mediaType, pretty } = how.accepted;
  const { clock } = core.context;
  if (made.kind === 'list' && mediaType === protobufMediaType)
    return sendList(reply, mediaType, (make) => protobufListPieces(made, how, clock, make), made, pieces);
  if (made.kind === 'list')
    return sendList(reply, mediaType, (make) => listPieces(made, how, clock, make), made, pieces);
  const code = 'code' in made ? made.code : 200;
  if (mediaType === 'application/yaml' || pretty)
    return forPeople(made, how).then((text) => sendWhole(reply, code, mediaType, text));
  const whole = representInSteps(made, how, clock);
  if (whole !== undefined) return whole.then((bytes) => sendWhole(reply, code, mediaType, bytes));
  return sendWhole(reply, code, mediaType, represent(made, how));
}

function sendWhole(reply: Reply, code: number, mediaType: string, bytes: Uint8Array): void | Promise<void> {
  if (!isCompressed(reply, bytes.length)) return reply.send(code, mediaType, bytes);
  return compressed(bytes).then((short) => reply.send(code, mediaType, short, compressedHeaders));
}

/** YAML, and JSON that is pretty: what is large is written elsewhere. */
async function forPeople(made: Answer, how: Presentation): Promise<Uint8Array> {
  const accepted: Accepted = { ...how.accepted, mediaType: 'application/json', pretty: false };
  const json = () => represent(made, { ...how, accepted });
  if (!isLarge(json().length)) return represent(made, how);
  return await how.texts.written(json, how.accepted.pretty ? 'pretty' : 'yaml', false);
}

function isCompressed({ exchange }: Reply, length: number): boolean {
  return length > compressedAbove && acceptsGzip(exchange.headers.get('accept-encoding'));
}

/** Those of a small list leave together. */
async function sendList(reply: Reply, mediaType: string, list: MakePieces, made: ListAnswer, pool: PiecePool) {
  if (isInPieces(made)) return await sendPieces(reply, mediaType, list, pool);
  const parts = await Array.fromAsync(list());
  reply.send(200, mediaType, parts.length === 1 ? parts[0]! : Buffer.concat(parts));
}

function page({ endpointRemovals, pages, profiles }: HandlerParts, { reply, context }: Call, target: PathTarget) {
  if (endpointRemovals.handles(target.path)) return endpointRemovals.serve(reply, target, context.user);
  if (isProfilePage(target)) return profiles.serve(reply, target);
  return pages.serve(reply, target);
}

/** Resolves when the watch has ended. */
async function serveWatch(
  parts: HandlerParts,
  { exchange, reply, context }: Call,
  target: ResourceTarget,
  served: ServedVersion,
): Promise<void> {
  const accepted = acceptedForm(exchange, context, { kind: 'watch', served });
  const how = presentationOf(parts, context, accepted);
  const running = await watch(parts.core, operationOf(context, target, served, { body: undefined }));
  const isBinary = accepted.mediaType === protobufMediaType;
  if (isWebSocket(exchange))
    reply.over(new WebSocketExchange(exchange, isBinary ? binaryWatchMessages : watchMessages));
  const stream = reply.stream(200, { 'content-type': accepted.mediaType + (isBinary ? ';stream=watch' : '') });
  await parts.watches.serve(stream, reply.exchange.signal, running, how);
}

function isApply(exchange: Exchange): boolean {
  return exchange.method === 'PATCH' && mediaTypeOf(exchange) === applyType;
}

function refuse({ core }: HandlerParts, reply: Reply, error: unknown): void {
  const { exchange } = reply;
  if (exchange.clientHasGone) return;
  // What breaks in the middle of an answer must not look like its end.
  if (exchange.hasResponded) throw error;
  if (error instanceof TooManyRequestsError)
    reply.text(429, `${error.message}\n`, { 'retry-after': '1', 'x-content-type-options': 'nosniff' });
  else reply.error(statusErrorOf(error, core.context.log));
}
