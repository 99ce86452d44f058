import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../base/clock.ts';
import type { KubeletHost } from '../kubelet-host.ts';
import { RequestRefusal } from '../refusal.ts';
import type { RequestTarget } from '../request-target.ts';
import { readLogOptions } from './log-options.ts';
import { readLog } from './read-log.ts';

/** Streams a container's log. Throws {@link RequestRefusal} while nothing is sent. */
export async function serveLogs(
  { kubelet, clock }: { readonly kubelet: KubeletHost; readonly clock: Clock },
  target: RequestTarget & { kind: 'logs' },
  response: ServerResponse,
  stop: AbortSignal,
): Promise<void> {
  const { namespace, pod, uid, container, previous, query } = target;
  const wanted = readLogOptions(query, clock.now());
  if (typeof wanted === 'string') throw new RequestRefusal(422, wanted);
  if (!kubelet.pods().some(({ metadata }) => metadata.namespace === namespace && metadata.name === pod))
    throw new RequestRefusal(404, `pod "${pod}" does not exist\n`);
  const found = kubelet.findContainer(namespace, pod, container, previous, uid);
  if (typeof found === 'string') throw new RequestRefusal(400, found);

  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const signal = AbortSignal.any([gone.signal, stop]);
  const isRunning = async (): Promise<boolean> =>
    (await kubelet.runtime.containerStatus(found.containerId))?.state === 'running';
  let isStarted = false;
  const start = (): void => {
    if (isStarted) return;
    isStarted = true;
    response.writeHead(200, { 'content-type': 'text/plain', 'transfer-encoding': 'chunked' });
    response.flushHeaders();
  };
  if (wanted.follow) start();
  try {
    for await (const piece of readLog({ path: found.logPath, isRunning }, wanted, clock, signal)) {
      start();
      if (!response.write(piece)) await drained(response);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT' || isStarted) throw error;
    throw new RequestRefusal(400, `unable to retrieve container logs for ${found.containerId}: its log file is gone`);
  }
  start();
  response.end();
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    response.once('drain', resolve);
    response.once('close', resolve);
  });
}
