import { Pods } from '../../api/core/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import type { UserInfo } from '../auth/auth.ts';
import { nodeOfAgent } from '../auth/service-account.ts';
import type { ServerContext } from '../context.ts';
import { sendBytes, type Request, type Response } from '../http/exchange.ts';
import { ReportLines } from './report-lines.ts';
import type { Withdrawals } from './withdrawals.ts';

const root = '/kubeling/v1/';
const reportPath = `${root}applied`;
const questionPath = /^\/kubeling\/v1\/namespaces\/([a-z0-9-]+)\/pods\/([a-z0-9.-]+)\/withdrawn$/;
/** Nobody waits longer, whatever he asks for. */
const longestMs = 2000;
const nameShape = /^[a-z0-9][a-z0-9.-]{0,252}$/;

/** A request after authentication and authorization. */
export interface WithdrawalCall {
  readonly request: Request;
  readonly response: Response;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly user: UserInfo;
}

/** The two requests of docs/adr/0008 over HTTP. */
export class WithdrawalRequests {
  readonly #withdrawals: Withdrawals;
  readonly #context: ServerContext;

  constructor(withdrawals: Withdrawals, context: ServerContext) {
    this.#withdrawals = withdrawals;
    this.#context = context;
  }

  handles(path: string): boolean {
    return path.startsWith(root);
  }

  /** Resolves when the answer has been sent; that of a report only begins. */
  async serve(call: WithdrawalCall): Promise<void> {
    const asked = questionPath.exec(call.path);
    if (asked === null && call.path !== reportPath) throw refused.pathNotFound();
    if (call.request.method !== (asked === null ? 'POST' : 'GET')) throw refused.methodNotAllowed();
    if (asked === null) this.#follow(call);
    else await this.#answer(call, { namespace: asked[1]!, name: asked[2]! });
  }

  async #answer({ response, query, user }: WithdrawalCall, pod: ObjectKey): Promise<void> {
    const node = nodeOfAgent(user);
    if (node !== undefined && this.#context.lookup(Pods, pod)?.spec.nodeName !== node)
      throw refused.forbidden(Pods, pod.name, `no relationship found between node '${node}' and this object`);
    const seconds = Number(query.get('timeoutSeconds') ?? longestMs / 1000);
    if (!(seconds >= 0)) throw refused.badRequest(`invalid timeoutSeconds: ${query.get('timeoutSeconds')}`);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const answer = await this.#withdrawals.of({
      pod,
      uid: query.get('uid') ?? '',
      timeoutMs: Math.min(longestMs, seconds * 1000),
      signal: gone.signal,
    });
    if (!gone.signal.aborted) sendBytes(response, 200, Buffer.from(`${JSON.stringify(answer)}\n`), 'application/json');
  }

  #follow({ request, response, query }: WithdrawalCall): void {
    const [node, component] = [query.get('node') ?? '', query.get('component') ?? ''];
    for (const name of [node, component])
      if (!nameShape.test(name))
        throw refused.badRequest(`invalid name of a node or component: ${JSON.stringify(name)}`);
    const reporter = this.#withdrawals.reporters.join(`${node} ${component}`, () => response.end());
    const lines = new ReportLines();
    request.on('data', (part: Buffer) => {
      const told = lines.push(part.toString('latin1'));
      if (told.kind === 'nonsense') response.end();
      else if (told.kind === 'report') reporter.tell(told.revision);
    });
    request.on('end', () => response.end());
    request.on('error', () => response.destroy());
    response.once('close', () => reporter[Symbol.dispose]());
    response.writeHead(200, { 'content-type': 'text/plain' });
    response.flushHeaders();
  }
}
