import { onAbort } from '../../../base/abort.ts';
import { BoundedMap } from '../../../base/bounded-map.ts';
import type { Clock } from '../../../base/clock.ts';
import type { Logger } from '../../../base/logger.ts';
import type { Random } from '../../../base/random.ts';
import { aesGcm } from '../aes-gcm.ts';
import type { Clear, Transformer } from '../transformer.ts';
import {
  decodeEncryptedObject,
  encodeEncryptedObject,
  keyIdProblem,
  keySources,
  problemOf,
} from './encrypted-object.ts';
import { extendedNonceGcm, seedBytes } from './extended-nonce.ts';
import type { EncryptedKey, KeyService } from './key-service.ts';

/** How often a plugin is asked how it is, and how often while it is not well. */
const askEveryMs = { well: 60_000, unwell: 10_000 };
/** What a seed is good for after the plugin was last well: then writes fail. Reads go on. */
const writableMs = 3 * 60_000;
/** Seeds that stay known; about as many as keys of the plugin times starts of the server. */
const seedsKept = 1000;

/** The seed that values are written with. */
interface WriteState {
  readonly transformer: Transformer;
  readonly key: EncryptedKey;
  /** Wall time in milliseconds. */
  expires: number;
}

export interface KmsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
}

/**
 * Encrypts with seeds that a KMS plugin keeps the key of (KMS v2). A seed is made when the server starts and whenever the
 * plugin tells another key; the plugin is asked to decrypt the seeds of before, once each.
 */
export class KmsProvider implements Transformer, AsyncDisposable {
  readonly name: string;
  readonly #service: KeyService;
  readonly #parts: KmsParts;
  readonly #seeds = new BoundedMap<string, Transformer>(seedsKept);
  readonly #asked = new Map<string, Promise<Transformer>>();
  readonly #stop = new AbortController();
  #state: WriteState | undefined;
  #version: string | undefined;
  #problem: string | undefined = 'it was not asked yet';
  #running: Promise<void> = Promise.resolve();

  constructor(name: string, service: KeyService, parts: KmsParts) {
    this.name = name;
    this.#service = service;
    this.#parts = parts;
  }

  /** Why the plugin is not well; `undefined` when it is. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** Asks the plugin for the first time, and then regularly. Resolves after the first answer, whatever that is. */
  async start(): Promise<void> {
    await this.check();
    this.#running = this.#askRegularly();
  }

  /** Asks how the plugin is, and takes another seed where its key has changed. */
  async check(): Promise<void> {
    const before = this.#problem;
    try {
      await this.#ask();
      this.#problem = undefined;
    } catch (error) {
      this.#problem = textOf(error);
      if (this.#problem !== before)
        this.#parts.log.error('KMS plugin is not well', { name: this.name, error: this.#problem });
    }
  }

  toStorage(clear: Uint8Array, place: string): Uint8Array {
    const state = this.#state;
    if (state === undefined) throw new Error('got unexpected nil transformer');
    const now = this.#parts.clock.now();
    if (now > state.expires)
      throw new Error(
        `encryptedDEKSource of KMS provider ${JSON.stringify(this.name)} expired at ${timeText(state.expires)} (current time is ${timeText(now)})`,
      );
    const { ciphertext, keyId, annotations } = state.key;
    const data = state.transformer.toStorage(clear, place);
    return encodeEncryptedObject({ data, keyId, source: ciphertext, annotations, sourceType: keySources.seed });
  }

  fromStorage(stored: Uint8Array, place: string): Clear | Promise<Clear> {
    const object = decodeEncryptedObject(stored);
    const state = this.#state;
    if (state === undefined) throw new Error('got unexpected nil transformer');
    const { data, keyId, sourceType } = object;
    const isStale = keyId !== state.key.keyId || sourceType !== keySources.seed;
    const read = (transformer: Transformer): Clear => {
      const { bytes } = transformer.fromStorage(data, place) as Clear;
      return { bytes, isStale };
    };
    const key = { ciphertext: object.source, keyId, annotations: object.annotations };
    const known = this.#seeds.get(cacheKey(sourceType, key));
    return known === undefined ? this.#seedOf(sourceType, key).then(read) : read(known);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#running;
    this.#service[Symbol.dispose]();
  }

  async #askRegularly(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const delay = this.#problem === undefined ? askEveryMs.well : askEveryMs.unwell;
      await this.#parts.clock.sleep(delay, signal).catch(() => {});
      if (!signal.aborted) await this.#untilStopped(this.check());
    }
  }

  #untilStopped(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const unlink = onAbort(this.#stop.signal, resolve);
      void work.finally(() => {
        unlink();
        resolve();
      });
    });
  }

  async #ask(): Promise<void> {
    // From before the call: what follows must not last longer than it says.
    const expires = this.#parts.clock.now() + writableMs;
    const status = await this.#service.status().catch((cause: unknown) => {
      throw new Error(
        `failed to perform status section of the healthz check for KMS Provider ${this.name}, error: ${textOf(cause)}`,
        { cause },
      );
    });
    const problems: string[] = [];
    if (status.healthz !== 'ok') problems.push(`got unexpected healthz status: ${status.healthz}`);
    if (status.version !== 'v2' && status.version !== 'v2beta1')
      problems.push(`expected KMSv2 API version v2, got ${status.version}`);
    else if ((this.#version ??= status.version) !== status.version)
      problems.push(
        `KMSv2 API version should not change after the initial status response version ${this.#version}, got ${status.version}`,
      );
    const keyProblem = keyIdProblem(status.keyId);
    if (keyProblem !== undefined) problems.push(`got invalid KMSv2 KeyID: ${keyProblem}`);
    else await this.#keepSeed(status.keyId, expires).catch((error: unknown) => problems.push(textOf(error)));
    if (problems.length > 0)
      throw new Error(
        `kmsv2 Provider ${this.name} is not healthy, error: ${problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`}`,
      );
  }

  /** Goes on with the seed while the plugin's key is the same; takes another where it is not. */
  async #keepSeed(keyId: string, expires: number): Promise<void> {
    if (this.#state?.key.keyId === keyId) {
      this.#state.expires = expires;
      return;
    }
    const { random } = this.#parts;
    const seed = random.bytes(seedBytes);
    const key = await this.#service.encrypt(seed, random.uuid()).catch((cause: unknown) => {
      throw new Error(`failed to rotate DEK: failed to encrypt DEK, error: ${textOf(cause)}`, { cause });
    });
    const { ciphertext, annotations } = key;
    const problem = problemOf({ keyId: key.keyId, source: ciphertext, annotations, sourceType: keySources.seed });
    if (problem !== undefined) throw new Error(`failed to rotate DEK: ${problem}`);
    if (key.keyId !== keyId) throw new Error('failed to rotate DEK: the keys of status and encrypt differ');
    const transformer = extendedNonceGcm(seed, random);
    this.#state = { transformer, key, expires };
    this.#seeds.set(cacheKey(keySources.seed, key), transformer);
  }

  /** Who needs the same seed at the same time asks for it once. */
  #seedOf(sourceType: number, key: EncryptedKey): Promise<Transformer> {
    const id = cacheKey(sourceType, key);
    const asked = this.#asked.get(id) ?? this.#decryptSeed(sourceType, key).finally(() => this.#asked.delete(id));
    this.#asked.set(id, asked);
    return asked;
  }

  async #decryptSeed(sourceType: number, key: EncryptedKey): Promise<Transformer> {
    const { random } = this.#parts;
    const seed = await this.#service.decrypt(key, random.uuid()).catch((cause: unknown) => {
      throw new Error(`failed to decrypt DEK, error: ${textOf(cause)}`, { cause });
    });
    const transformer = sourceType === keySources.seed ? extendedNonceGcm(seed, random) : aesGcm(seed, random);
    return this.#seeds.set(cacheKey(sourceType, key), transformer);
  }
}

function cacheKey(sourceType: number, { ciphertext, keyId, annotations }: EncryptedKey): string {
  const notes = [...annotations].map(([name, value]) => [name, Buffer.from(value).toString('base64')]).sort();
  return JSON.stringify([sourceType, Buffer.from(ciphertext).toString('base64'), keyId, notes]);
}

function timeText(time: number): string {
  return new Date(time).toISOString().replace(/\.\d+Z$/, 'Z');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
