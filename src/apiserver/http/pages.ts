import { Buffer } from 'node:buffer';
import type { DiscoveryAnswer } from '../discovery/answer.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { Turns } from '../../base/turns.ts';
import type { Query } from '../request/query.ts';
import type { PathTarget } from '../request/target.ts';
import type { HealthCheck, HealthChecks } from './health-checks.ts';
import type { Reply } from './reply.ts';
import type { Metrics } from './metrics.ts';
import type { PiecePool } from './piece-buffers.ts';
import { sendPieces } from './send-pieces.ts';

export interface PageParts {
  readonly discovery: Discovery;
  readonly metrics: Metrics;
  readonly pieces: PiecePool;
  readonly health: HealthChecks;
  /** Public keys for service account tokens, and who issues them (OpenID Connect discovery). */
  readonly openid: { readonly configuration: () => object; readonly keys: () => object };
  readonly version: object;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Everything that is no resource: health, version, metrics, discovery and OpenAPI. */
export class Pages {
  readonly #parts: PageParts;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  async serve(reply: Reply, { path, method, query }: PathTarget): Promise<void> {
    const { discovery, metrics, pieces, version, openid } = this.#parts;
    const root = `/${path.split('/')[1] ?? ''}`;
    const clean = path.length > 1 ? path.replace(/\/$/, '') : path;
    const kind = root.slice(1);
    if (isHealthPage(kind)) return this.#health(reply, query, clean, kind);
    if (clean === '/metrics') return sendPieces(reply, metrics.contentType, (make) => metrics.pieces(make), pieces);
    // As in Kubernetes these are routes for GET alone; other pages do not look at the method.
    const isRoute = routes.has(clean) || /^\/apis?(\/|$)/.test(path);
    if (isRoute && method !== 'GET') throw refused.methodNotAllowed();
    if (clean === '/version') return sendJson(reply, version);
    if (clean === '/.well-known/openid-configuration') return sendJson(reply, openid.configuration());
    if (clean === '/openid/v1/jwks')
      return reply.send(200, 'application/jwk-set+json', Buffer.from(JSON.stringify(openid.keys())));
    const answer = await discovery.handle(path, reply.exchange.headers.get('accept'), query.get('hash'));
    if (answer === undefined) return reply.text(404, '404 page not found\n');
    // Thousands may have waited for one document to be made.
    await Turns.of(this.#parts.clock).share();
    return sendDocument(reply, answer);
  }

  /** One check, or all but those that the client excludes; why one fails is for the log only, since anybody may ask. */
  #health(reply: Reply, query: Query, path: string, kind: keyof HealthChecks): void {
    const { log } = this.#parts;
    const health = this.#parts.health[kind];
    const named = path.slice(kind.length + 2);
    if (named !== '') return one(reply, health.find(({ name }) => name === named)?.check);
    const excluded = new Set(query.all('exclude'));
    const lines: string[] = [];
    let isWell = true;
    for (const { name, check } of health) {
      const problem = excluded.delete(name) ? 'excluded' : check();
      if (problem === undefined) lines.push(`[+]${name} ok\n`);
      else if (problem === 'excluded') lines.push(`[+]${name} excluded: ok\n`);
      else {
        isWell = false;
        lines.push(`[-]${name} failed: reason withheld\n`);
        log.warn('a health check failed', { check: name, problem });
      }
    }
    if (excluded.size > 0) {
      const unknown = [...excluded].toSorted().map((name) => JSON.stringify(name));
      lines.push(`warn: some health checks cannot be excluded: no matches for ${unknown.join(',')}\n`);
    }
    if (!isWell) return reply.text(500, `${lines.join('')}${kind} check failed\n`, notSniffed);
    reply.text(200, query.has('verbose') ? `${lines.join('')}${kind} check passed\n` : 'ok', notSniffed);
  }
}

function isHealthPage(name: string): name is keyof HealthChecks {
  return name === 'healthz' || name === 'livez' || name === 'readyz';
}

const notSniffed = { 'x-content-type-options': 'nosniff' };

/** Pages that are routes of the API, which answer GET only. */
const routes: ReadonlySet<string> = new Set(['/version', '/.well-known/openid-configuration', '/openid/v1/jwks']);

function one(reply: Reply, check: HealthCheck['check'] | undefined): void {
  if (check === undefined) return reply.text(404, '404 page not found\n');
  const problem = check();
  if (problem === undefined) reply.text(200, 'ok');
  else reply.text(500, `internal server error: ${problem}\n`, notSniffed);
}

/** A document that seldom changes: not sent again to who has it, and compressed for who can read that. */
async function sendDocument(reply: Reply, answer: DiscoveryAnswer): Promise<void> {
  const { code, contentType, etag, headers: own = {}, compressed } = answer;
  const { headers: asked } = reply.exchange;
  const headers = etag === undefined ? own : { ...own, etag };
  if (etag !== undefined && asked.get('if-none-match') === etag) return reply.send(304, '', Buffer.alloc(0), headers);
  if (compressed === undefined || !/\bgzip\b/.test(asked.get('accept-encoding') ?? ''))
    return reply.send(code, contentType, answer.body, headers);
  reply.send(code, contentType, await compressed(), { ...headers, 'content-encoding': 'gzip' });
}

function sendJson(reply: Reply, value: object): void {
  reply.send(200, 'application/json', Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`));
}
