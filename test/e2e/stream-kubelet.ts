/** Serves the kubelet's HTTPS for fixed pods, from inside a node's network: run with the path of its settings. */
import { readFileSync } from 'node:fs';
import type { Pod } from '../../src/api/core/v1/types.ts';
import { createLogger } from '../../src/base/node/logger.ts';
import { systemClock } from '../../src/base/system-clock.ts';
import { connectCri } from '../../src/kubelet/runtime/cri/cri-runtime.ts';
import type { KubeletHost } from '../../src/kubelet/server/kubelet-host.ts';
import { startKubeletServer } from '../../src/kubelet/server/kubelet-server.ts';

export interface StreamKubeletSettings {
  readonly socket: string;
  readonly host: string;
  readonly port: number;
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
  /** By pod name in namespace `default`, all with one container `main`. */
  readonly pods: Record<string, { readonly sandbox: string; readonly container: string; readonly logPath: string }>;
}

const settings = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as StreamKubeletSettings;
const runtime = await connectCri({ socket: settings.socket, clock: systemClock });
const kubelet: KubeletHost = {
  runtime,
  nodeName: 'node',
  usage: () => Promise.reject(new Error('Cannot measure: there is no kubelet')),
  pods: () => Object.keys(settings.pods).map((name) => ({ metadata: { name, namespace: 'default' } }) as Pod),
  findContainer(_namespace, pod, container, previous) {
    if (previous) return `previous terminated container "${container}" in pod "${pod}" not found`;
    const found = container === 'main' ? settings.pods[pod] : undefined;
    if (found === undefined) return `container ${container} is not valid for pod ${pod}`;
    return { containerId: found.container, logPath: found.logPath };
  },
  findSandbox: (_namespace, pod) => settings.pods[pod]?.sandbox,
};
await startKubeletServer({ ...settings, kubelet, clock: systemClock, log: createLogger() });
process.stdout.write('listening\n');
