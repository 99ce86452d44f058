import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { createTestCertificates } from './certificates.ts';

/** A server on loopback that reviews are sent to. */
export interface WebhookServer extends AsyncDisposable {
  /** `https://127.0.0.1:port` */
  readonly url: string;
  /** Its authority, as `clientConfig.caBundle` wants it. */
  readonly caBundle: string;
  /** The same of its own certificate. */
  readonly ownBundle: string;
}

/** Gets each review as JSON with the path that it was sent to, and answers as it likes: not at all, too, or garbage. */
export type ReviewHandler = (review: any, response: ServerResponse, path: string) => void;

export async function startWebhookServer(handle: ReviewHandler): Promise<WebhookServer> {
  const { authority, server: own } = await createTestCertificates();
  const server = createServer({ cert: own.certificate, key: own.key }, (request, response) => {
    void text(request).then((body) => {
      const { pathname } = new URL(request.url ?? '', 'https://x');
      handle(JSON.parse(body), response, pathname);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    caBundle: Buffer.from(authority).toString('base64'),
    ownBundle: Buffer.from(own.certificate).toString('base64'),
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
