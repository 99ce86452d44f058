import type { HTTPGetAction, LifecycleHandler, Pod } from '../../api/core/v1/types.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { portNumber, probeUrl } from '../probes/probe-target.ts';
import { rpcText } from '../runtime/runtime-error.ts';
import { podText, type PodContainer } from './pod-containers.ts';
import type { PodParts } from './pod-parts.ts';

export interface HookPlace {
  readonly pod: Readonly<Pod>;
  readonly container: PodContainer;
  readonly containerId: string;
  readonly podIp: string;
}

/**
 * Runs a postStart or preStop hook to its end. Rejects when it fails, as one by `tcpSocket` does, which is kept in the API
 * only. It has no other limit than `timeoutMs`.
 */
export async function runHook(
  { runtime, prober, clock }: PodParts,
  { exec, httpGet, sleep }: LifecycleHandler,
  place: HookPlace,
  timeoutMs: number,
): Promise<void> {
  if (exec !== undefined) {
    const { exitCode, stdout, stderr } = await runtime.execSync(
      place.containerId,
      exec.command ?? [],
      Math.max(1, Math.ceil(timeoutMs / 1000)),
    );
    if (exitCode === 0) return;
    const said = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
    throw new Error(`command '${(exec.command ?? []).join(' ')}' exited with ${exitCode}: ${said}`, { cause: said });
  }
  if (httpGet !== undefined) {
    const { success, output } = await prober.http(hookTarget(httpGet, place), timeoutMs);
    if (!success) throw new Error(output);
    return;
  }
  if (sleep === undefined) throw new Error('invalid handler: it has no command, request or pause');
  await clock.sleep(Math.min(sleep.seconds * 1000, timeoutMs));
}

/** What a status says of a hook that failed. */
export function hookFailure(
  { exec, httpGet, sleep }: LifecycleHandler,
  { pod, container }: Pick<HookPlace, 'pod' | 'container'>,
  error: unknown,
): string {
  const whose = `for Container "${container.name}" in Pod "${podText(pod)}" failed - error: ${rpcText(error)}`;
  if (exec !== undefined) {
    const said = error instanceof Error && typeof error.cause === 'string' ? error.cause : '';
    return `Exec lifecycle hook ([${(exec.command ?? []).join(' ')}]) ${whose}, message: ${goQuote(said)}`;
  }
  if (httpGet !== undefined) return `HTTP lifecycle hook (${httpGet.path ?? ''}) ${whose}`;
  return sleep === undefined ? rpcText(error) : `Sleep lifecycle hook (${sleep.seconds}) ${whose}`;
}

function hookTarget(action: HTTPGetAction, { container, containerId, podIp }: HookPlace) {
  const port = portNumber(action.port, container.spec);
  return { containerId, url: probeUrl(action, podIp, port), headers: action.httpHeaders ?? [] };
}
