import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ReviewServer } from '../../src/apiserver/auth/webhook/remote-review.ts';
import { createTestCertificates } from './certificates.ts';

/** A server that answers reviews, as webhooks for authentication and authorization do. */
export interface TestReviewServer extends AsyncDisposable {
  readonly server: ReviewServer;
  /** The specs that it was asked, in order. */
  readonly asked: Record<string, any>[];
}

/** `answer` makes the status of a review of its spec; a number is the status of the HTTP answer instead. */
export async function startReviewServer(
  answer: (spec: Record<string, any>, count: number) => object | number,
): Promise<TestReviewServer> {
  const { authority, server: identity, client } = await createTestCertificates();
  const asked: Record<string, any>[] = [];
  const options = { cert: identity.certificate, key: identity.key, ca: authority, requestCert: true };
  const server = createServer(options, async (request, response) => {
    const review = JSON.parse(Buffer.concat(await Array.fromAsync(request)).toString());
    asked.push(review.spec);
    const made = answer(review.spec, asked.length);
    if (typeof made === 'number') response.writeHead(made).end();
    else response.end(JSON.stringify({ ...review, status: made }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/review`;
  return {
    server: { url, authority, client },
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
