import { Buffer } from 'node:buffer';
import type { DiscoveryAnswer } from '../discovery/answer.ts';
import type { Discovery } from '../discovery/discovery.ts';
import { refused } from '../../apimachinery/status.ts';
import { readQuery } from './query.ts';
import { sendBytes, sendText, type Request, type Response } from './exchange.ts';
import type { Metrics } from './metrics.ts';

/** One named part of the server's health. */
export interface HealthCheck {
  readonly name: string;
  /** `undefined` when well, or what is wrong. */
  check(): string | undefined;
}

export interface PageParts {
  readonly discovery: Discovery;
  readonly metrics: Metrics;
  readonly health: readonly HealthCheck[];
  /** Public keys for service account tokens, and who issues them (OpenID Connect discovery). */
  readonly openid: { readonly configuration: () => object; readonly keys: () => object };
  readonly version: object;
}

const healthPaths = new Set(['/healthz', '/livez', '/readyz']);

/** Everything that is no resource: health, version, metrics, discovery and OpenAPI. */
export class Pages {
  readonly #parts: PageParts;

  constructor(parts: PageParts) {
    this.#parts = parts;
  }

  serve(request: Request, response: Response, path: string): void {
    const { discovery, metrics, version, openid } = this.#parts;
    const root = `/${path.split('/')[1] ?? ''}`;
    if (healthPaths.has(root)) return this.#health(request, response, path.replace(/\/$/, ''), root);
    const clean = path.length > 1 ? path.replace(/\/$/, '') : path;
    if (clean === '/version') return sendJson(response, version);
    if (clean === '/.well-known/openid-configuration') return sendJson(response, openid.configuration());
    if (clean === '/openid/v1/jwks')
      return sendBytes(response, 200, Buffer.from(JSON.stringify(openid.keys())), 'application/jwk-set+json');
    if (clean === '/metrics') {
      void metrics.text().then((text) => sendText(response, 200, text, metrics.registry.contentType));
      return;
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') throw refused.methodNotAllowed();
    const hash = readQuery(request.url ?? '/').get('hash') ?? undefined;
    const answer = discovery.handle(path, request.headers.accept, hash);
    if (answer === undefined) return sendText(response, 404, '404 page not found\n');
    void sendDocument(request, response, answer);
  }

  #health(request: Request, response: Response, path: string, root: string): void {
    const named = path.slice(root.length + 1);
    const checks = named === '' ? this.#parts.health : this.#parts.health.filter(({ name }) => name === named);
    if (named !== '' && checks.length === 0) return sendText(response, 404, '404 page not found\n');
    const results = checks.map(({ name, check }) => ({ name, problem: check() }));
    const isWell = results.every(({ problem }) => problem === undefined);
    const wantsDetails = readQuery(request.url ?? '/').has('verbose');
    const kind = root.slice(1);
    const lines = results.map(({ name, problem }) =>
      problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
    );
    if (isWell) return sendText(response, 200, wantsDetails ? `${lines.join('\n')}\n${kind} check passed\n` : 'ok');
    sendText(response, 500, `${lines.join('\n')}\n${kind} check failed\n`);
  }
}

/** A document that seldom changes: not sent again to who has it, and compressed for who can read that. */
async function sendDocument(request: Request, response: Response, answer: DiscoveryAnswer): Promise<void> {
  const { code, contentType, etag, headers = {}, compressed } = answer;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  if (etag !== undefined) response.setHeader('etag', etag);
  if (etag !== undefined && request.headers['if-none-match'] === etag) {
    response.writeHead(304);
    response.end();
    return;
  }
  if (compressed === undefined || !/\bgzip\b/.test(request.headers['accept-encoding']?.toString() ?? '')) {
    sendBytes(response, code, answer.body, contentType);
    return;
  }
  const bytes = await compressed();
  response.setHeader('content-encoding', 'gzip');
  sendBytes(response, code, bytes, contentType);
}

function sendJson(response: Response, value: object): void {
  sendBytes(response, 200, Buffer.from(`${JSON.stringify(value, undefined, 2)}\n`), 'application/json');
}
