import type { Clock } from '../../base/clock.ts';
import { abortable } from '../../base/abort.ts';
import { goDuration } from '../../apimachinery/duration.ts';
import { StartRefusal } from '../pods/start-refusal.ts';
import type { ContainerRuntime, Image } from '../runtime/runtime.ts';
import { imageReference } from './image-reference.ts';

export interface ImagePullRequest {
  /** As the user wrote it. */
  readonly image: string;
  readonly policy: 'Always' | 'IfNotPresent' | 'Never';
  readonly podUid: string;
  /** Gives up waiting; a pull under way goes on for others. */
  readonly signal: AbortSignal;
  record(type: 'Normal' | 'Warning', reason: string, message: string): void;
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

/** Brings images to the node as pull policies say; after a failed pull waits 10 seconds, doubling to 5 minutes. */
export class ImagePuller {
  readonly #runtime: ContainerRuntime;
  readonly #clock: Clock;
  readonly #backoffs = new Map<string, PullBackoff>();
  readonly #underWay = new Map<string, Promise<string>>();

  constructor(runtime: ContainerRuntime, clock: Clock) {
    this.#runtime = runtime;
    this.#clock = clock;
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
    if (present !== undefined) {
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
      const message = `Failed to inspect image "${image}": ${textOf(error)}`;
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
    record('Normal', 'Pulling', `Pulling image "${image}"`);
    try {
      await abortable(this.#pullOnce(reference), signal);
    } catch (error) {
      signal.throwIfAborted();
      const message = textOf(error);
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
    const took = goDuration(this.#clock.now() - began);
    const size = `Image size: ${pulled.sizeBytes} bytes.`;
    record('Normal', 'Pulled', `Successfully pulled image "${image}" in ${took} (${took} including waiting). ${size}`);
    return pulled;
  }

  /** Forgets the back-offs of a pod that is gone. */
  forget(podUid: string): void {
    for (const key of this.#backoffs.keys()) if (key.startsWith(`${podUid} `)) this.#backoffs.delete(key);
  }

  /** Pods that want the same image wait for the same pull. */
  #pullOnce(reference: string): Promise<string> {
    let pulling = this.#underWay.get(reference);
    if (pulling === undefined) {
      pulling = this.#runtime.pullImage(reference).finally(() => this.#underWay.delete(reference));
      this.#underWay.set(reference, pulling);
    }
    return pulling;
  }
}

function isLive(backoff: PullBackoff | undefined, now: number): backoff is PullBackoff {
  return backoff !== undefined && now - backoff.failedAt <= 2 * maximumMs;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
