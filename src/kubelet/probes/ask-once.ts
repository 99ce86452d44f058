import type { Probe } from '../../api/core/v1/types.ts';
import type { PodContainer } from '../pods/pod-containers.ts';
import type { ContainerRuntime } from '../runtime/runtime.ts';
import { isRuntimeError, rpcText } from '../runtime/runtime-error.ts';
import type { ProbeOutcome } from './probe-loop.ts';
import { portNumber, probeUrl } from './probe-target.ts';
import type { ProbeAnswer, Prober } from './prober.ts';

/** What of a command's output is shown. */
const longestOutput = 10 * 1024;

/** Runs a probe once. Never rejects: what cannot be asked is unknown. */
export async function askOnce(
  { runtime, prober }: { readonly runtime: Pick<ContainerRuntime, 'execSync'>; readonly prober: Prober },
  probe: Probe,
  { spec }: PodContainer,
  { id, podIp }: { readonly id: string; readonly podIp: string },
): Promise<ProbeOutcome> {
  const timeoutSeconds = probe.timeoutSeconds ?? 1;
  const timeoutMs = timeoutSeconds * 1000;
  const { exec, httpGet, tcpSocket, grpc } = probe;
  try {
    if (exec !== undefined) return await askByCommand(runtime, id, exec.command ?? [], timeoutSeconds);
    if (grpc !== undefined) {
      const { port, service = '' } = grpc;
      return outcomeOf(await prober.grpc({ containerId: id, host: podIp, port, service }, timeoutMs));
    }
    const action = httpGet ?? tcpSocket;
    if (action === undefined) return unknown('missing probe handler: want exec, grpc, httpGet or tcpSocket');
    const port = portNumber(action.port, spec);
    if (httpGet !== undefined) {
      const headers = httpGet.httpHeaders ?? [];
      return outcomeOf(await prober.http({ containerId: id, url: probeUrl(httpGet, podIp, port), headers }, timeoutMs));
    }
    const host = tcpSocket!.host !== undefined && tcpSocket!.host !== '' ? tcpSocket!.host : podIp;
    return outcomeOf(await prober.tcp({ containerId: id, host, port }, timeoutMs));
  } catch (error) {
    return unknown(rpcText(error));
  }
}

async function askByCommand(
  runtime: Pick<ContainerRuntime, 'execSync'>,
  id: string,
  command: readonly string[],
  timeoutSeconds: number,
): Promise<ProbeOutcome> {
  try {
    const { exitCode, stdout, stderr } = await runtime.execSync(id, command, timeoutSeconds);
    if (exitCode === 0) return { is: 'success' };
    const decoder = new TextDecoder();
    const output = (decoder.decode(stdout) + decoder.decode(stderr)).slice(0, longestOutput);
    return { is: 'failure', output };
  } catch (error) {
    if (!isRuntimeError(error, 'DeadlineExceeded')) throw error;
    return { is: 'failure', output: `command timed out: "${command.join(' ')}" timed out after ${timeoutSeconds}s` };
  }
}

function outcomeOf({ success, output }: ProbeAnswer): ProbeOutcome {
  return success ? { is: 'success' } : { is: 'failure', output };
}

function unknown(output: string): ProbeOutcome {
  return { is: 'unknown', output };
}
