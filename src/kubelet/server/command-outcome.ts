import type { Status } from '../../apimachinery/status.ts';
import { withoutKind } from '../runtime/cri/responses.ts';
import type { ChannelProtocol } from './channels.ts';

/** The reason of the Status that carries a command's exit code. */
const exitCodeReason = 'NonZeroExitCode';

/**
 * What a WebSocket client is told of how a command ended. In Kubernetes the API server translates WebSockets, and reports
 * every failure but an exit code as an internal error of its own, around the runtime's: clients show both.
 */
export function outcomeForWebSocket(outcome: Buffer, protocol: Pick<ChannelProtocol, 'spdy'>): Buffer {
  if (protocol.spdy !== 'v4.channel.k8s.io') return outcome;
  let status: Partial<Omit<Status, 'reason'>> & { reason?: string };
  try {
    status = JSON.parse(outcome.toString());
  } catch {
    return outcome;
  }
  if (status.status !== 'Failure' || status.reason === exitCodeReason) return outcome;
  const message = withoutKind(status.message ?? '');
  const wrapped = {
    ...status,
    reason: 'InternalError',
    message: `Internal error occurred: ${message}`,
    details: { causes: [{ message }] },
    code: 500,
  };
  return Buffer.from(JSON.stringify(wrapped));
}
