import { request as overHttp } from 'node:http';
import { Agent, request as overTls } from 'node:https';
import type { SendEvents } from '../apiserver/audit/webhook-backend.ts';
import { accessOf, readKubeconfig } from '../client/node/kubeconfig.ts';
import { UserError } from '../local/problem.ts';

/** Without a sign of the server for so long a sending has failed. */
const silenceMs = 30_000;

/** How events get to the server that a kubeconfig names. Rejects with {@link UserError} where that cannot be used. */
export async function openAuditWebhook(configFile: string): Promise<SendEvents> {
  const config = await readKubeconfig(configFile);
  if (config === undefined) throw new UserError(`Cannot read audit webhook "${configFile}": there is no such file`);
  const { server, ca, cert, key, serverName, insecure, token } = await accessOf(config);
  const url = new URL(server);
  const headers = {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const tls = { ca, cert, key, servername: serverName, rejectUnauthorized: insecure !== true, agent };
  return (body, signal) =>
    new Promise((resolve, reject) => {
      const options = { method: 'POST', headers, signal, timeout: silenceMs };
      const request = url.protocol === 'http:' ? overHttp(url, options) : overTls(url, { ...options, ...tls });
      request.on('timeout', () => request.destroy(new Error(`the server said nothing for ${silenceMs} ms`)));
      request.on('error', reject);
      request.on('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.end(body);
    });
}
