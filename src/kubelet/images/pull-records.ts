import { createHash } from 'node:crypto';
import { rfc3339 } from '../../apimachinery/time.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import { textOfCredential, type PullCredential, type SecretIdentity } from './pull-credentials.ts';

/** Where what is known of pulls outlives the kubelet. Texts by name, in one folder for pulls under way and one for others. */
export interface PullRecordStore {
  /** The texts that are there, by name. */
  read(kind: RecordKind): Promise<ReadonlyMap<string, string>>;
  write(kind: RecordKind, name: string, text: string): Promise<void>;
  /** What is not there is removed already. */
  remove(kind: RecordKind, name: string): Promise<void>;
}
export type RecordKind = 'pulling' | 'pulled';

/** Keeps nothing: for kubelets without a disk. */
export const noPullRecords: PullRecordStore = {
  read: async () => new Map(),
  write: async () => undefined,
  remove: async () => undefined,
};

/** Who may use an image under one name: every pod, or those that can show what it was pulled with. */
interface RepositoryRecord {
  readonly nodePodsAccessible?: boolean;
  readonly kubernetesSecrets?: readonly SecretRecord[];
}
interface SecretRecord extends SecretIdentity {
  /** Of the credential: it is not kept itself. */
  readonly credentialHash: string;
}

/** By repository. */
type ImageRecord = Readonly<Record<string, RepositoryRecord>>;

interface Known {
  /** By the name of the record. */
  readonly pulled: Map<string, ImageRecord>;
  /** How many pulls of an image are under way, by the name of the record; 0: of an earlier kubelet, which did not end it. */
  readonly pulling: Map<string, number>;
}

const apiVersion = 'kubelet.config.k8s.io/v1beta1';
/** More ways to an image than this are not remembered. */
const mostSecrets = 100;

/**
 * Which images the kubelet has pulled, and with what: a pod may use such an image without a pull if it can show the same.
 * Images that came to the node otherwise are for every pod (`NeverVerifyPreloadedImages`). The records have the form of
 * the stock kubelet's (`ImagePulledRecord`, `ImagePullIntent`).
 */
export class PullRecords {
  readonly #store: PullRecordStore;
  readonly #clock: Clock;
  readonly #log: Logger;
  #known: Promise<Known> | undefined;
  /** When this kubelet wrote a record, by its name, on the monotonic clock. */
  readonly #writtenAt = new Map<string, number>();

  constructor(store: PullRecordStore, clock: Clock, log: Logger) {
    this.#store = store;
    this.#clock = clock;
    this.#log = log;
  }

  /** Before a pull: if nothing is ever said of its end, the image has to be pulled anew by who wants it. */
  async begin(reference: string): Promise<void> {
    const { pulling } = await this.#load();
    const name = nameOf(reference);
    const before = pulling.get(name) ?? 0;
    pulling.set(name, before + 1);
    if (before > 0) return;
    const record = { kind: 'ImagePullIntent', apiVersion, image: reference };
    await this.#store.write('pulling', name, JSON.stringify(record));
  }

  /** `shown` is what the registry wanted to see; `undefined`: nothing. `imageId`: what the pull brought. */
  async pulled(reference: string, repository: string, imageId: string, shown?: PullCredential): Promise<void> {
    await this.#add(repository, imageId, shown === undefined ? { nodePodsAccessible: true } : recordOf(shown));
    await this.failed(reference);
  }

  /** A pull has brought nothing. */
  async failed(reference: string): Promise<void> {
    const { pulling } = await this.#load();
    const name = nameOf(reference);
    const left = (pulling.get(name) ?? 1) - 1;
    if (left > 0) {
      pulling.set(name, left);
      return;
    }
    pulling.delete(name);
    await this.#store.remove('pulling', name);
  }

  /** Whether a pod may use an image that the node has. `credentials` answers what the pod can show; it may not be asked. */
  async mayUse(
    { reference, repository, imageId }: { reference: string; repository: string; imageId: string },
    credentials: () => Promise<readonly PullCredential[]>,
  ): Promise<boolean> {
    const { pulled, pulling } = await this.#load();
    const record = pulled.get(nameOf(imageId));
    if (record === undefined) return !pulling.has(nameOf(reference));
    const known = record[repository];
    if (known === undefined) return false;
    if (known.nodePodsAccessible === true) return true;
    const secrets = known.kubernetesSecrets ?? [];
    if (secrets.length === 0) return false;
    for (const shown of await credentials()) {
      const mine = recordOf(shown).kubernetesSecrets![0]!;
      // A Secret that was given another content since may be shown too: its namespace had the image.
      if (!secrets.some((one) => one.credentialHash === mine.credentialHash || isSameSecret(one, mine))) continue;
      await this.#add(repository, imageId, recordOf(shown));
      return true;
    }
    return false;
  }

  /**
   * Forgets images that are gone: all but those with `imageIds`, which the node had at `listedAt` (monotonic clock). What
   * was pulled since stays. Whoever brings such an image to the node otherwise brings it for every pod.
   */
  async prune(imageIds: Iterable<string>, listedAt: number): Promise<void> {
    const { pulled } = await this.#load();
    const there = new Set(Array.from(imageIds, nameOf));
    for (const name of [...pulled.keys()]) {
      if (there.has(name) || (this.#writtenAt.get(name) ?? -Infinity) >= listedAt) continue;
      pulled.delete(name);
      this.#writtenAt.delete(name);
      await this.#store.remove('pulled', name);
    }
  }

  async #add(repository: string, imageId: string, more: RepositoryRecord): Promise<void> {
    const { pulled } = await this.#load();
    const name = nameOf(imageId);
    const before = pulled.get(name);
    const merged = mergedRecord(before?.[repository], more);
    if (merged === before?.[repository]) return;
    const record = { ...before, [repository]: merged };
    pulled.set(name, record);
    this.#writtenAt.set(name, this.#clock.monotonic());
    const lastUpdatedTime = rfc3339(this.#clock.now());
    const text = {
      kind: 'ImagePulledRecord',
      apiVersion,
      lastUpdatedTime,
      imageRef: imageId,
      credentialMapping: record,
    };
    await this.#store.write('pulled', name, JSON.stringify(text));
  }

  #load(): Promise<Known> {
    return (this.#known ??= this.#read().catch((error: unknown) => {
      this.#known = undefined;
      throw error;
    }));
  }

  async #read(): Promise<Known> {
    const [pulled, pulling] = await Promise.all([this.#store.read('pulled'), this.#store.read('pulling')]);
    return {
      pulled: new Map(Array.from(pulled, ([name, text]) => [name, this.#parsed(name, text)])),
      pulling: new Map(Array.from(pulling.keys(), (name) => [name, 0])),
    };
  }

  /** Of a record that cannot be read only this is known: that the kubelet pulled the image. Nobody has it without a pull. */
  #parsed(name: string, text: string): ImageRecord {
    try {
      const { credentialMapping } = JSON.parse(text) as { credentialMapping?: ImageRecord };
      if (typeof credentialMapping === 'object' && credentialMapping !== null) return credentialMapping;
    } catch {
      // told below
    }
    this.#log.warn('the record of an image that was pulled cannot be read: it will be pulled anew', { record: name });
    return {};
  }
}

function nameOf(reference: string): string {
  return `sha256-${createHash('sha256').update(reference).digest('hex')}`;
}

function recordOf(shown: PullCredential): RepositoryRecord {
  const credentialHash = createHash('sha256').update(textOfCredential(shown)).digest('hex');
  const { uid = '', namespace = '', name = '' } = shown.secret ?? {};
  return { kubernetesSecrets: [{ uid, namespace, name, credentialHash }] };
}

function isSameSecret(a: SecretRecord, b: SecretRecord): boolean {
  return a.uid !== '' && a.uid === b.uid && a.namespace === b.namespace && a.name === b.name;
}

/** The older one itself where the newer one says nothing more. */
function mergedRecord(old: RepositoryRecord | undefined, more: RepositoryRecord): RepositoryRecord {
  if (old === undefined || more.nodePodsAccessible === true) return old?.nodePodsAccessible === true ? old : more;
  if (old.nodePodsAccessible === true) return old;
  const secrets = old.kubernetesSecrets ?? [];
  const [added] = more.kubernetesSecrets ?? [];
  const isKnown = secrets.some(
    (one) => one.credentialHash === added?.credentialHash && (isSameSecret(one, added) || one.uid === added.uid),
  );
  if (added === undefined || isKnown || secrets.length >= mostSecrets) return old;
  // The earlier content of a Secret stands no more once another one has come.
  return { kubernetesSecrets: [...secrets.filter((one) => !isSameSecret(one, added)), added] };
}
