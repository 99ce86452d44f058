import WebSocket from 'ws';
import type { ServerAccess } from '../../src/client/node/http-connection.ts';

/** The channels of Kubernetes' stream protocol: the first byte of each message. */
const standardOutput = 1;
const standardError = 2;
const result = 3;

/** Runs a command in the first container of a pod, as `kubectl exec` does. Answers what it printed; rejects when it fails. */
export async function runInPod(
  { server, ca, cert, key }: ServerAccess,
  { namespace, pod, command }: { namespace: string; pod: string; command: readonly string[] },
): Promise<string> {
  const query = new URLSearchParams([
    ['stdout', 'true'],
    ['stderr', 'true'],
    ...command.map((word): [string, string] => ['command', word]),
  ]);
  const address = `${server.replace(/^http/, 'ws')}/api/v1/namespaces/${namespace}/pods/${pod}/exec?${query}`;
  const socket = new WebSocket(address, ['v5.channel.k8s.io', 'v4.channel.k8s.io'], {
    ca,
    cert,
    key,
  });
  const printed: Record<number, string> = { [standardOutput]: '', [standardError]: '', [result]: '' };
  await new Promise<void>((resolve, reject) => {
    socket.on('message', (data: Buffer) => (printed[data[0]!] += data.subarray(1).toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve());
  });
  const status: { status?: string; message?: string } = JSON.parse(printed[result] || '{}');
  if (status.status !== 'Success')
    throw new Error(`Cannot run ${command[0]} in ${pod}: ${status.message}\n${printed[standardError]}`);
  return printed[standardOutput]!;
}
