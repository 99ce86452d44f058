import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server, ServerCredentials, type handleUnaryCall } from '@grpc/grpc-js';
import { systemClock } from '../../../base/system-clock.ts';
import { connectKeyService } from './key-service.ts';
import { encodeFields, ReceivedFields, type FieldValue } from './wire.ts';

type Fields = Readonly<Record<number, FieldValue>>;

/** A plugin that turns the bytes around. */
async function servePlugin(socket: string): Promise<AsyncDisposable> {
  const server = new Server();
  const method = (name: string) => ({
    path: `/v2.KeyManagementService/${name}`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (fields: Fields) => Buffer.from(encodeFields(fields)),
    requestDeserialize: (bytes: Buffer) => new ReceivedFields(bytes),
    responseSerialize: (fields: Fields) => Buffer.from(encodeFields(fields)),
    responseDeserialize: (bytes: Buffer) => new ReceivedFields(bytes),
  });
  const answer =
    (fieldsOf: (asked: ReceivedFields) => Fields): handleUnaryCall<ReceivedFields, Fields> =>
    (call, done) =>
      done(null, fieldsOf(call.request));
  const annotations = new Map([['kind.example.com', Buffer.from('turned')]]);
  server.addService(
    { Status: method('Status'), Encrypt: method('Encrypt'), Decrypt: method('Decrypt') },
    {
      Status: answer(() => ({ 1: 'v2', 2: 'ok', 3: 'turner' })),
      Encrypt: answer((asked) => ({ 1: asked.bytes(1).toReversed(), 2: 'turner', 3: annotations })),
      Decrypt: answer((asked) => ({
        1: asked.map(4).has('kind.example.com') ? asked.bytes(1).toReversed() : new Uint8Array(),
      })),
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.bindAsync(`unix:${socket}`, ServerCredentials.createInsecure(), (error) =>
      error === null ? resolve() : reject(error),
    );
  });
  return { [Symbol.asyncDispose]: async () => server.forceShutdown() };
}

test('a plugin on a unix socket is asked by gRPC, and its absence is an error', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kms-'));
  const socket = join(folder, 'kms.sock');
  try {
    using nobody = connectKeyService(`unix://${join(folder, 'nobody.sock')}`, 5000, systemClock);
    await assert.rejects(nobody.status(), /UNAVAILABLE/);
    await using plugin = await servePlugin(socket);
    void plugin;
    using service = connectKeyService(`unix://${socket}`, 5000, systemClock);
    assert.deepEqual(await service.status(), { version: 'v2', healthz: 'ok', keyId: 'turner' });
    const key = await service.encrypt(Buffer.from('seed'), 'some-uid');
    assert.equal(Buffer.from(key.ciphertext).toString(), 'dees');
    assert.deepEqual(
      [key.keyId, Buffer.from(key.annotations.get('kind.example.com')!).toString()],
      ['turner', 'turned'],
    );
    assert.equal(Buffer.from(await service.decrypt(key, 'some-uid')).toString(), 'seed');
  } finally {
    await rm(folder, { recursive: true });
  }
});
