/**
 * EncryptionConfiguration of `apiserver.config.k8s.io/v1`: how the objects of each resource are stored. As it is written,
 * without defaults.
 */
export interface EncryptionConfiguration {
  readonly kind?: 'EncryptionConfiguration';
  readonly apiVersion?: 'apiserver.config.k8s.io/v1';
  readonly resources: readonly ResourceEncryption[];
}

export interface ResourceEncryption {
  /** `secrets`, `deployments.apps`, `*.apps`, `*.` for the core group, `*.*`. */
  readonly resources: readonly string[];
  /** The first writes; all of them read. */
  readonly providers: readonly ProviderConfiguration[];
}

/** One of these. */
export interface ProviderConfiguration {
  readonly aesgcm?: { readonly keys: readonly EncryptionKey[] };
  readonly aescbc?: { readonly keys: readonly EncryptionKey[] };
  readonly secretbox?: { readonly keys: readonly EncryptionKey[] };
  readonly identity?: object;
  readonly kms?: KmsConfiguration;
}

export interface EncryptionKey {
  readonly name: string;
  /** In base64. */
  readonly secret: string;
}

export interface KmsConfiguration {
  /** `v2` is what there is; Kubernetes' default is `v1`, which it does not serve any more unless asked to. */
  readonly apiVersion?: string;
  readonly name: string;
  readonly cachesize?: number;
  /** `unix:///run/kms.sock`. */
  readonly endpoint: string;
  /** A Go duration (default 3s). */
  readonly timeout?: string;
}

/** A resource, or several by `*`. */
export interface ResourcePattern {
  readonly group: string;
  readonly resource: string;
}

export function resourcePattern(text: string): ResourcePattern {
  const dot = text.indexOf('.');
  return dot < 0 ? { group: '', resource: text } : { group: text.slice(dot + 1), resource: text.slice(0, dot) };
}

/** The bytes of base64 as Go's standard encoding reads it; `undefined` for what it refuses. */
export function keyBytes(secret: string): Uint8Array | undefined {
  const bytes = Buffer.from(secret, 'base64');
  return bytes.toString('base64') === secret.replace(/[\r\n]/g, '') ? bytes : undefined;
}
