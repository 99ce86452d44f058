import type { Secret } from '../../api/core/v1/types.ts';
import type { Clock } from '../../base/clock.ts';
import { abortable } from '../../base/abort.ts';
import { goDuration } from '../../apimachinery/duration.ts';
import { errorText } from '../../base/error-text.ts';
import { StartRefusal } from '../pods/start-refusal.ts';
import type { ContainerRuntime, Image } from '../runtime/runtime.ts';
import { fullRepository, imageReference } from './image-reference.ts';
import { pullCredentials, textOfCredential, type PullCredential } from './pull-credentials.ts';
import type { PullRecords } from './pull-records.ts';

export interface ImagePullRequest {
  /** As the user wrote it. */
  readonly image: string;
  readonly policy: 'Always' | 'IfNotPresent' | 'Never';
  readonly podUid: string;
  /** Gives up waiting; a pull under way goes on for others. */
  readonly signal: AbortSignal;
  record(type: 'Normal' | 'Warning', reason: string, message: string): void;
  /** Of the pod, for registries. */
  pullSecrets(): Promise<readonly Readonly<Secret>[]>;
}

interface Pull {
  /** Without the time in which other pulls had its place. */
  readonly tookMs: number;
}

interface PullBackoff {
  readonly delayMs: number;
  readonly failedAt: number;
  readonly message: string;
}

const initialMs = 10_000;
const maximumMs = 300_000;
/** How long a failed pull is shown as such before it is shown as a back-off. */
const showFailureMs = 2000;
/** After this long nothing but a new request changes the answer. */
const hopelessMs = 15_000;

/** Others wait: each pull takes the network and the disk of the others (`maxParallelImagePulls`). */
const mostAtOnce = 5;

/** Brings images to the node as pull policies say; after a failed pull waits 10 seconds, doubling to 5 minutes. */
export class ImagePuller {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;
  readonly #backoffs = new Map<string, PullBackoff>();
  readonly #underWay = new Map<string, Promise<Pull>>();
  readonly #records: PullRecords;
  /** Pulls that wait for their turn. */
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(runtime: ContainerRuntime, clock: Clock, records: PullRecords) {
    this.#runtime = runtime;
    this.#clock = clock;
    this.#records = records;
  }

  /** The image once the node has it. Rejects with {@link StartRefusal}. */
  async ensure(request: ImagePullRequest): Promise<Image> {
    const { image, policy, record } = request;
    const named = imageReference(image);
    if ('refusal' in named) {
      record('Warning', 'InspectFailed', named.refusal);
      throw new StartRefusal('InvalidImageName', named.refusal, hopelessMs);
    }
    const { reference } = named;
    const present = policy === 'Always' ? undefined : await this.#look(reference, request);
    if (present !== undefined && (await this.#mayUse(present, reference, request))) {
      record(
        'Normal',
        'Pulled',
        `Container image "${image}" already present on machine and can be accessed by the pod`,
      );
      return present;
    }
    if (policy === 'Never') {
      const message = `Container image "${image}" is not present with pull policy of Never`;
      record('Warning', 'ErrImageNeverPull', message);
      throw new StartRefusal('ErrImageNeverPull', message, hopelessMs);
    }
    return await this.#pull(reference, request);
  }

  async #look(reference: string, { image, record }: ImagePullRequest): Promise<Image | undefined> {
    try {
      return await this.#runtime.imageStatus(reference);
    } catch (error) {
      const message = `Failed to inspect image "${image}": ${errorText(error)}`;
      record('Warning', 'InspectFailed', message);
      throw new StartRefusal('ImageInspectError', message, showFailureMs);
    }
  }

  async #pull(reference: string, request: ImagePullRequest): Promise<Image> {
    const { image, podUid, signal, record } = request;
    const key = `${podUid} ${image}`;
    const backoff = this.#backoffs.get(key);
    const began = this.#clock.now();
    if (backoff !== undefined && began < backoff.failedAt + backoff.delayMs) {
      const message = `Back-off pulling image "${image}"`;
      record('Normal', 'BackOff', message);
      const waitMs = backoff.failedAt + backoff.delayMs - began;
      throw new StartRefusal('ImagePullBackOff', `${message}: ErrImagePull: ${backoff.message}`, waitMs);
    }
    const credentials = await credentialsFor(reference, request);
    record('Normal', 'Pulling', `Pulling image "${image}"`);
    let pull: Pull;
    try {
      pull = await abortable(this.#pullOnce(reference, credentials), signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = errorText(error);
      const failedAt = this.#clock.now();
      const delayMs = Math.min(maximumMs, isLive(backoff, failedAt) ? backoff.delayMs * 2 : initialMs);
      this.#backoffs.set(key, { delayMs, failedAt, message });
      record('Warning', 'Failed', `Failed to pull image "${image}": ${message}`);
      throw new StartRefusal('ErrImagePull', message, showFailureMs);
    }
    this.#backoffs.delete(key);
    const pulled = await this.#look(reference, request);
    if (pulled === undefined)
      throw new StartRefusal('ErrImagePull', `image "${image}" is gone right after its pull`, initialMs);
    const [took, inAll] = [goDuration(pull.tookMs), goDuration(this.#clock.now() - began)];
    const size = `Image size: ${pulled.sizeBytes} bytes.`;
    record('Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${inAll} including waiting). ${size}`);
    return pulled;
  }

  /** Forgets the back-offs of a pod that is gone. */
  forget(podUid: string): void {
    for (const key of this.#backoffs.keys()) if (key.startsWith(`${podUid} `)) this.#backoffs.delete(key);
  }

  /** Pods that want the same image, and show the same for it, wait for the same pull. */
  #pullOnce(reference: string, credentials: readonly PullCredential[]): Promise<Pull> {
    const key = JSON.stringify([reference, ...credentials.map(textOfCredential)]);
    let pulling = this.#underWay.get(key);
    if (pulling === undefined) {
      pulling = this.#pullInTurn(reference, credentials).finally(() => this.#underWay.delete(key));
      this.#underWay.set(key, pulling);
    }
    return pulling;
  }

  async #pullInTurn(reference: string, credentials: readonly PullCredential[]): Promise<Pull> {
    if (this.#running >= mostAtOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running++;
    try {
      const began = this.#clock.now();
      await this.#records.begin(reference);
      const { imageId, shown } = await this.#tryAll(reference, credentials).catch(async (error: unknown) => {
        await this.#records.failed(reference);
        throw error;
      });
      await this.#records.pulled(reference, fullRepository(reference), imageId, shown);
      return { tookMs: this.#clock.now() - began };
    } finally {
      // Who waits gets the place as it is, so that nobody who comes now takes it before him.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** `shown`: what the registry wanted to see; `undefined`: nothing. */
  async #tryAll(
    reference: string,
    credentials: readonly PullCredential[],
  ): Promise<{ readonly imageId: string; readonly shown: PullCredential | undefined }> {
    if (credentials.length === 0) return { imageId: await this.#runtime.pullImage(reference), shown: undefined };
    const failures = new Set<string>();
    for (const shown of credentials)
      try {
        const { username, password } = shown;
        return { imageId: await this.#runtime.pullImage(reference, { username, password }), shown };
      } catch (error) {
        failures.add(errorText(error));
      }
    const [first] = failures;
    throw new Error(failures.size === 1 ? first : `[${[...failures].join(', ')}]`);
  }

  async #mayUse({ id }: Image, reference: string, request: ImagePullRequest): Promise<boolean> {
    const image = { reference, repository: fullRepository(reference), imageId: id };
    return await this.#records.mayUse(image, () => credentialsFor(reference, request));
  }
}

async function credentialsFor(
  reference: string,
  { pullSecrets }: ImagePullRequest,
): Promise<readonly PullCredential[]> {
  return pullCredentials(fullRepository(reference), await pullSecrets());
}

function isLive(backoff: PullBackoff | undefined, now: number): backoff is PullBackoff {
  return backoff !== undefined && now - backoff.failedAt <= 2 * maximumMs;
}
