import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Server, ServerCredentials, status, type handleUnaryCall } from '@grpc/grpc-js';
import { systemClock } from '../../base/system-clock.ts';
import { networkProber } from './network-prober.ts';
import type { ProbeAnswer } from './prober.ts';

/** Of the service `a`; others are not known. */
const answers: readonly { name: string; answer: Buffer | { code: status; details: string } | 'none'; want: string }[] =
  [
    { name: 'it serves', answer: Buffer.from([8, 1]), want: '' },
    {
      name: 'it does not serve',
      answer: Buffer.from([8, 2]),
      want: 'service unhealthy (responded with "NOT_SERVING")',
    },
    { name: 'it says nothing', answer: Buffer.alloc(0), want: 'service unhealthy (responded with "UNKNOWN")' },
    {
      name: 'it does not know the service',
      answer: { code: status.NOT_FOUND, details: 'unknown service' },
      want: 'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service',
    },
    { name: 'it does not answer', answer: 'none', want: 'timeout: health rpc did not complete within 300ms' },
  ];
for (const { name, answer, want } of answers)
  test(`a gRPC probe asks for the health of a service: ${name}`, async () => {
    const asked: string[] = [];
    await using served = await serve(
      {
        Check: {
          path: '/grpc.health.v1.Health/Check',
          requestStream: false,
          responseStream: false,
          requestDeserialize: (bytes) => bytes,
          requestSerialize: (bytes: Buffer) => bytes,
          responseSerialize: (bytes: Buffer) => bytes,
          responseDeserialize: (bytes) => bytes,
        },
      },
      (call, respond) => {
        asked.push(call.request.toString(), String(call.metadata.get('user-agent')[0]).split(' ')[0]!);
        if (answer === 'none') return;
        if (Buffer.isBuffer(answer)) respond(null, answer);
        else respond(answer);
      },
    );
    const output = await ask(served.port, answer === 'none' ? 300 : 10_000);
    assert.deepEqual(output, { success: want === '', output: want });
    assert.deepEqual(asked, ['\n\u0001a', 'kube-probe/1.36']);
  });

test('a gRPC probe tells that a server does not speak of its health', async () => {
  await using served = await serve();
  const { success, output } = await ask(served.port, 10_000);
  assert.equal(success, false);
  assert.match(
    output,
    /^error: this server does not implement the grpc health protocol \(grpc\.health\.v1\.Health\): /,
  );
});

test('a gRPC probe waits for a server until its time is over', async () => {
  const served = await serve();
  await served[Symbol.asyncDispose]();
  assert.deepEqual(await ask(served.port, 100), {
    success: false,
    output: `timeout: failed to connect service "127.0.0.1:${served.port}" within 100ms: context deadline exceeded`,
  });
});

function ask(port: number, timeoutMs: number): Promise<ProbeAnswer> {
  const prober = networkProber({ clock: systemClock, version: '1.36' });
  return prober.grpc({ containerId: 'c', host: '127.0.0.1', port, service: 'a' }, timeoutMs);
}

interface Served extends AsyncDisposable {
  readonly port: number;
}

async function serve(
  service?: Parameters<Server['addService']>[0],
  check?: handleUnaryCall<Buffer, Buffer>,
): Promise<Served> {
  const server = new Server();
  if (service !== undefined && check !== undefined) server.addService(service, { Check: check });
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
  return { port, [Symbol.asyncDispose]: async () => server.forceShutdown() };
}
