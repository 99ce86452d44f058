import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import protobuf from 'protobufjs/light.js';
import { goDuration } from '../../apimachinery/duration.ts';
import { hostAndPort } from '../../apimachinery/go-network.ts';
import type { Clock } from '../../base/clock.ts';
import type { GrpcTarget, ProbeAnswer } from './prober.ts';

const { HealthCheckRequest, HealthCheckResponse } = protobuf.Root.fromJSON({
  nested: {
    HealthCheckRequest: { fields: { service: { type: 'string', id: 1 } } },
    HealthCheckResponse: { fields: { status: { type: 'int32', id: 1 } } },
  },
}) as unknown as Readonly<Record<'HealthCheckRequest' | 'HealthCheckResponse', protobuf.Type>>;

/** What a server says of a service, by its number in the protocol. */
const healths = ['UNKNOWN', 'SERVING', 'NOT_SERVING', 'SERVICE_UNKNOWN'];

/** Asks a server by the standard protocol of gRPC (`grpc.health.v1.Health`), without TLS. Never rejects. */
export async function askGrpc(
  { clock, version }: { readonly clock: Clock; readonly version: string },
  { host, port, service }: GrpcTarget,
  timeoutMs: number,
): Promise<ProbeAnswer> {
  const address = hostAndPort(host, port);
  const deadline = clock.now() + timeoutMs;
  const client = new Client(address, credentials.createInsecure(), {
    'grpc.primary_user_agent': `kube-probe/${version}`,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
    // The pods behind an address change: no connection of an earlier probe is taken.
    'grpc.use_local_subchannel_pool': 1,
  });
  try {
    if (!(await isConnected(client, deadline))) {
      const within = `"${address}" within ${goDuration(timeoutMs)}`;
      return failure(`timeout: failed to connect service ${within}: context deadline exceeded`);
    }
    const health = await check(client, service, deadline);
    const name = healths[health] ?? String(health);
    return name === 'SERVING' ? { success: true, output: '' } : failure(`service unhealthy (responded with "${name}")`);
  } catch (error) {
    return failure(problemOf(error as ServiceError, timeoutMs));
  } finally {
    client.close();
  }
}

function failure(output: string): ProbeAnswer {
  return { success: false, output };
}

function isConnected(client: Client, deadline: number): Promise<boolean> {
  return new Promise((resolve) => client.waitForReady(deadline, (error) => resolve(!error)));
}

/** Resolves with the number of a health; rejects with a `ServiceError`. */
function check(client: Client, service: string, deadline: number): Promise<number> {
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest<{ service: string }, { status: number }>(
      '/grpc.health.v1.Health/Check',
      (message) => Buffer.from(HealthCheckRequest.encode(message).finish()),
      (bytes) => HealthCheckResponse.decode(bytes) as unknown as { status: number },
      { service },
      new Metadata(),
      { deadline },
      (error, answer) => (error === null ? resolve(answer!.status) : reject(error)),
    );
  });
}

function problemOf({ code, details }: ServiceError, timeoutMs: number): string {
  if (code === status.UNIMPLEMENTED)
    return `error: this server does not implement the grpc health protocol (grpc.health.v1.Health): ${details}`;
  if (code === status.DEADLINE_EXCEEDED) return `timeout: health rpc did not complete within ${goDuration(timeoutMs)}`;
  return `error: health rpc probe failed: rpc error: code = ${goCode(code)} desc = ${details}`;
}

/** `NotFound` for `NOT_FOUND`. */
function goCode(code: status): string {
  if (code === status.CANCELLED) return 'Canceled';
  const words = (status[code] ?? 'UNKNOWN').toLowerCase().split('_');
  return words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}
