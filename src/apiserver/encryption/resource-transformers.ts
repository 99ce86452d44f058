import type { Clock } from '../../base/clock.ts';
import { parseGoDuration } from '../../apimachinery/duration.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { aesCbc } from './aes-cbc.ts';
import { aesGcm } from './aes-gcm.ts';
import {
  keyBytes,
  resourcePattern,
  type EncryptionConfiguration,
  type EncryptionKey,
  type KmsConfiguration,
  type ProviderConfiguration,
} from './configuration.ts';
import { identity } from './identity.ts';
import type { KeyService } from './kms/key-service.ts';
import { KmsProvider, type KmsParts } from './kms/kms-provider.ts';
import { prefixed, type Prefixed } from './prefixed.ts';
import { TransformationTallies } from './tallies.ts';
import type { Transformer } from './transformer.ts';
import { validateEncryptionConfiguration } from './validate-configuration.ts';

export interface TransformerParts extends KmsParts {
  /** What is counted (default: tallies of its own). */
  readonly tallies?: TransformationTallies;
  /** How KMS plugins are reached (default: by gRPC). */
  readonly connect?: (endpoint: string, timeoutMs: number, clock: Clock) => KeyService;
}

/** A configuration is not one: the message has all that is wrong. */
class EncryptionConfigurationError extends Error {
  override readonly name = 'EncryptionConfigurationError';
}

/** The transformers of all resources, as a configuration says. */
export class ResourceTransformers implements AsyncDisposable {
  /** In the order of the configuration. */
  readonly kms: readonly KmsProvider[];
  readonly #tallies: TransformationTallies;
  readonly #byPattern: ReadonlyMap<string, readonly Prefixed[]>;
  readonly #known = new Map<string, Transformer | undefined>();
  readonly #parts: TransformerParts;

  private constructor(
    byPattern: ReadonlyMap<string, readonly Prefixed[]>,
    kms: readonly KmsProvider[],
    parts: TransformerParts,
  ) {
    this.#byPattern = byPattern;
    this.kms = kms;
    this.#parts = parts;
    this.#tallies = parts.tallies ?? new TransformationTallies();
  }

  /** Asks KMS plugins once. Throws {@link EncryptionConfigurationError}. */
  static async open(configuration: EncryptionConfiguration, parts: TransformerParts): Promise<ResourceTransformers> {
    const errors = validateEncryptionConfiguration(configuration).map(fieldErrorText);
    if (errors.length > 0)
      throw new EncryptionConfigurationError(errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`);
    const kms: KmsProvider[] = [];
    const byPattern = new Map<string, Prefixed[]>();
    for (const { resources, providers } of configuration.resources) {
      const made: Prefixed[] = [];
      for (const provider of providers) made.push(await providerOf(provider, parts, kms));
      for (const resource of resources) {
        const { group, resource: word } = resourcePattern(resource);
        for (const earlier of [`*.${group}`, '*.*'])
          if (byPattern.has(earlier))
            throw new EncryptionConfigurationError(
              `error while building transformers: resource ${JSON.stringify(resource)} is masked by earlier rule ${JSON.stringify(earlier)}`,
            );
        const pattern = `${word}.${group}`;
        byPattern.set(pattern, [...(byPattern.get(pattern) ?? []), ...made]);
      }
    }
    await Promise.all(kms.map((provider) => provider.start()));
    return new ResourceTransformers(byPattern, kms, parts);
  }

  /** Of `secrets` or `deployments.apps`; `undefined`: its objects are stored as they are, and read as they are. */
  of(groupResource: string): Transformer | undefined {
    if (!this.#known.has(groupResource)) this.#known.set(groupResource, this.#make(groupResource));
    return this.#known.get(groupResource);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.kms.map((provider) => provider[Symbol.asyncDispose]()));
  }

  #make(groupResource: string): Transformer | undefined {
    const { group, resource } = resourcePattern(groupResource);
    const parts =
      this.#byPattern.get(`${resource}.${group}`) ?? this.#byPattern.get(`*.${group}`) ?? this.#byPattern.get('*.*');
    if (parts === undefined) return undefined;
    const { clock } = this.#parts;
    return prefixed(parts, {
      nobody: 'no matching prefix found',
      monotonic: () => clock.monotonic(),
      onTransformation: this.#tallies.of(groupResource),
    });
  }
}

/** What few configurations name is read only then: gRPC alone is 60 modules, which take 3 MiB. */
async function providerOf(
  provider: ProviderConfiguration,
  parts: TransformerParts,
  kms: KmsProvider[],
): Promise<Prefixed> {
  const { random } = parts;
  const { aesgcm, aescbc, secretbox: box } = provider;
  if (provider.kms) return kmsProvider(provider.kms, parts, kms);
  if (aesgcm) return keyed('aesgcm', aesgcm.keys, (key) => aesGcm(key, random), 'AES');
  if (aescbc) return keyed('aescbc', aescbc.keys, (key) => aesCbc(key, random), 'AES');
  if (box) {
    const { secretbox } = await import('./secretbox.ts');
    return keyed('secretbox', box.keys, (key) => secretbox(key, random), 'Secretbox');
  }
  return { prefix: '', transformer: identity };
}

function keyed(
  name: string,
  keys: readonly EncryptionKey[],
  make: (key: Uint8Array) => Transformer,
  words: string,
): Prefixed {
  const parts = keys.map((key) => ({ prefix: `${key.name}:`, transformer: make(keyBytes(key.secret)!) }));
  const nobody = `no matching key was found for the provided ${words} transformer`;
  return { prefix: `k8s:enc:${name}:v1:`, transformer: prefixed(parts, { nobody }) };
}

async function kmsProvider(
  { name, endpoint, timeout = '3s', apiVersion = 'v1' }: KmsConfiguration,
  parts: TransformerParts,
  kms: KmsProvider[],
): Promise<Prefixed> {
  if (apiVersion === 'v1')
    throw new EncryptionConfigurationError(
      'error while building transformers: KMSv1 is deprecated and will only receive security updates going forward. Use KMSv2 instead',
    );
  const connect = parts.connect ?? (await import('./kms/key-service.ts')).connectKeyService;
  const service = connect(endpoint, parseGoDuration(timeout)!, parts.clock);
  const transformer = new KmsProvider(name, service, parts);
  kms.push(transformer);
  return { prefix: `k8s:enc:kms:v2:${name}:`, transformer };
}
