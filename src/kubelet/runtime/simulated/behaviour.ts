/** What a simulated container does. Durations are milliseconds of the clock. */
export interface SimulatedBehaviour {
  /** Creating the container fails with this text. */
  readonly createError?: string;
  /** Starting the process fails with this text; the container ends as `StartError` with code 128. */
  readonly startError?: string;
  /** How long after its start the process ends by itself; absent: never. */
  readonly exitAfterMs?: number;
  /** The code of that end (default 0). */
  readonly exitCode?: number;
  /** `OOMKilled` for a container that outgrew its memory limit. */
  readonly exitReason?: string;
  /** What the process leaves as its termination message. */
  readonly exitMessage?: string;
  /** How long the process takes to end after SIGTERM (default 0); `ignoresTerm` waits for SIGKILL. */
  readonly stopMs?: number;
  readonly ignoresTerm?: boolean;
  /** The code of an end by SIGTERM (default 0). */
  readonly stopExitCode?: number;
  /** Probes fail before this time after the start (default 0: healthy at once) … */
  readonly healthyAfterMs?: number;
  /** … and again after this one (default: never). */
  readonly unhealthyAfterMs?: number;
  /** Thousandths of a CPU that the process uses while it runs (default 0). */
  readonly milliCpu?: number;
  /** Memory that it holds (default 0). */
  readonly memoryBytes?: number;
}

/** Whom a behaviour is asked for. */
export interface SimulatedContainer {
  readonly container: string;
  readonly image: string;
  /** 0 for the first start, then how often the container was restarted. */
  readonly attempt: number;
  readonly namespace: string;
  readonly pod: string;
  readonly annotations: Readonly<Record<string, string>>;
}

/** Whether the node has the image, can get it, or neither; a text is the registry's refusal. */
export type ImageSupply = 'present' | 'pullable' | { readonly refusal: string };

/**
 * A pod's annotation `simulated.kubeling.dev/<container>` holds a {@link SimulatedBehaviour} as JSON, or a list of them:
 * one for each start, the last for all further ones.
 */
const behaviourAnnotation = 'simulated.kubeling.dev/';

/** The behaviour that the pod's annotations ask for. Throws on JSON that cannot be read. */
export function behaviourFromAnnotations(asked: SimulatedContainer): SimulatedBehaviour {
  const name = behaviourAnnotation + asked.container;
  const text = asked.annotations[name];
  if (text === undefined) return {};
  let value: SimulatedBehaviour | SimulatedBehaviour[];
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Cannot read annotation "${name}": not JSON: ${text}`, { cause });
  }
  return Array.isArray(value) ? (value[Math.min(asked.attempt, value.length - 1)] ?? {}) : value;
}

/** Every image is there but those of the host `registry.invalid`, which never resolves (RFC 6761). */
export function usualImageSupply(reference: string): ImageSupply {
  const refusal = `failed to pull and unpack image "${reference}": failed to resolve reference "${reference}": dial tcp: lookup registry.invalid: no such host`;
  return reference.startsWith('registry.invalid/') ? { refusal } : 'present';
}
