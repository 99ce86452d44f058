import { Pods } from '../../api/core/v1/types.ts';
import { nodeOfIngress } from '../../api/networking/ingress-user.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { UserInfo } from '../auth/auth.ts';
import { nodeOfAgent } from '../auth/service-account.ts';
import type { ServerContext } from '../context.ts';
import type { Reply } from '../http/reply.ts';
import type { PathTarget } from '../request/target.ts';
import { ClientGoneError } from '../../http/exchange.ts';
import { ReportLines } from './report-lines.ts';
import { endpointRemovalRoot } from './paths.ts';
import type { EndpointRemovals } from './endpoint-removals.ts';

const reportPath = `${endpointRemovalRoot}applied`;
const questionPath = /^\/kubeling\/v1\/namespaces\/([a-z0-9-]+)\/pods\/([a-z0-9.-]+)\/endpoints-removed$/;
/** Nobody waits longer, whatever he asks for. */
const longestMs = 2000;
const nameShape = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** The two requests of docs/adr/0008 over HTTP. */
export class EndpointRemovalRequests {
  readonly #endpointRemovals: EndpointRemovals;
  readonly #context: ServerContext;

  constructor(endpointRemovals: EndpointRemovals, context: ServerContext) {
    this.#endpointRemovals = endpointRemovals;
    this.#context = context;
  }

  handles(path: string): boolean {
    return path.startsWith(endpointRemovalRoot);
  }

  /** Resolves when the answer has ended. */
  async serve(reply: Reply, target: PathTarget, user: UserInfo): Promise<void> {
    const asked = questionPath.exec(target.path);
    if (asked === null && target.path !== reportPath) throw refused.pathNotFound();
    if (target.method !== (asked === null ? 'POST' : 'GET')) throw refused.methodNotAllowed();
    if (asked === null) await this.#follow(reply, target, user);
    else await this.#answer(reply, target, user, { namespace: asked[1]!, name: asked[2]! });
  }

  async #answer(reply: Reply, { query }: PathTarget, user: UserInfo, pod: ObjectKey): Promise<void> {
    const node = nodeOfAgent(user);
    if (node !== undefined && this.#context.lookup(Pods, pod)?.spec.nodeName !== node)
      throw refused.forbidden(Pods, pod.name, `no relationship found between node '${node}' and this object`);
    const seconds = Number(query.get('timeoutSeconds') ?? longestMs / 1000);
    if (!(seconds >= 0)) throw refused.badRequest(`invalid timeoutSeconds: ${query.get('timeoutSeconds')}`);
    const { signal } = reply.exchange;
    const answer = await this.#endpointRemovals.of({
      pod,
      uid: query.get('uid') ?? '',
      timeoutMs: Math.min(longestMs, seconds * 1000),
      signal,
    });
    if (!signal.aborted) reply.send(200, 'application/json', Buffer.from(`${JSON.stringify(answer)}\n`));
  }

  /** Hears the reports of a client until it ends them or is taken to be gone. */
  async #follow(reply: Reply, { query }: PathTarget, user: UserInfo): Promise<void> {
    const [node, component] = [query.get('node') ?? '', query.get('component') ?? ''];
    for (const name of [node, component])
      if (!nameShape.test(name))
        throw refused.badRequest(`invalid name of a node or component: ${JSON.stringify(name)}`);
    const ingressOf = nodeOfIngress(user);
    if (ingressOf !== undefined && (node !== ingressOf || component !== 'ingress'))
      throw refused.other(
        403,
        'Forbidden',
        `the ingress of node ${JSON.stringify(ingressOf)} can only report for itself`,
        {},
      );
    const { exchange } = reply;
    const stream = reply.stream(200, { 'content-type': 'text/plain' });
    using reporter = this.#endpointRemovals.reporters.join(`${node} ${component}`, () => stream.end());
    const lines = new ReportLines();
    try {
      for await (const part of exchange.body()) {
        const told = lines.push(part.toString('latin1'));
        if (told.kind === 'nonsense') break;
        if (told.kind === 'report') reporter.tell(told.revision);
      }
    } catch (error) {
      if (!(error instanceof ClientGoneError)) throw error;
    }
    stream.end();
  }
}
