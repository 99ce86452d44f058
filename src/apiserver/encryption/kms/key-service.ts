import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { Clock } from '../../../base/clock.ts';
import { encodeFields, ReceivedFields, type FieldValue } from './wire.ts';

/** Data that a plugin wants back with what it encrypted. */
export type Annotations = ReadonlyMap<string, Uint8Array>;

/** What a KMS plugin says of itself. */
export interface KeyStatus {
  readonly version: string;
  /** `ok`, or what is wrong. */
  readonly healthz: string;
  /** The key that it encrypts with now. */
  readonly keyId: string;
}

/** A key that a plugin has encrypted. */
export interface EncryptedKey {
  readonly ciphertext: Uint8Array;
  readonly keyId: string;
  readonly annotations: Annotations;
}

/** What keeps the keys of keys (`v2.KeyManagementService`). Calls reject with why they failed. */
export interface KeyService extends Disposable {
  status(): Promise<KeyStatus>;
  encrypt(plaintext: Uint8Array, uid: string): Promise<EncryptedKey>;
  decrypt(key: EncryptedKey, uid: string): Promise<Uint8Array>;
}

/** A KMS plugin behind a unix socket, such as `unix:///run/kms.sock`. Nothing is dialled before the first call. */
export function connectKeyService(endpoint: string, timeoutMs: number, clock: Clock): KeyService {
  const client = new Client(unixAddress(endpoint), credentials.createInsecure(), {
    'grpc.initial_reconnect_backoff_ms': 100,
    'grpc.max_reconnect_backoff_ms': 2000,
    'grpc.enable_http_proxy': 0,
    'grpc.service_config_disable_resolution': 1,
  });
  const call = (method: string, fields: Readonly<Record<number, FieldValue>>): Promise<ReceivedFields> =>
    new Promise((resolve, reject) => {
      client.makeUnaryRequest(
        `/v2.KeyManagementService/${method}`,
        (message: Readonly<Record<number, FieldValue>>) => Buffer.from(encodeFields(message)),
        (bytes) => new ReceivedFields(bytes),
        fields,
        new Metadata(),
        { deadline: clock.now() + timeoutMs },
        (error, response) => (error === null ? resolve(response!) : reject(error)),
      );
    });
  return {
    async status() {
      const answer = await call('Status', {});
      return { version: answer.text(1), healthz: answer.text(2), keyId: answer.text(3) };
    },
    async encrypt(plaintext, uid) {
      const answer = await call('Encrypt', { 1: plaintext, 2: uid });
      return { ciphertext: answer.bytes(1), keyId: answer.text(2), annotations: answer.map(3) };
    },
    async decrypt({ ciphertext, keyId, annotations }, uid) {
      return (await call('Decrypt', { 1: ciphertext, 2: uid, 3: keyId, 4: annotations })).bytes(1);
    },
    [Symbol.dispose]: () => client.close(),
  };
}

/** gRPC's name of the socket: Go takes `unix:///@name` for one in the abstract namespace. */
function unixAddress(endpoint: string): string {
  const path = endpoint.replace(/^unix:\/*/, '/');
  return path.startsWith('/@') ? `unix-abstract:${path.slice(2)}` : `unix:${path}`;
}
