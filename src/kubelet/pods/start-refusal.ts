import { errorText } from '../../base/error-text.ts';
import { ConfigurationError } from './environment.ts';

/** How long nobody tries again what only a change of the configuration repairs. */
export const configurationRetryMs = 10_000;

export type RecordEvent = (type: 'Normal' | 'Warning', reason: string, message: string) => void;

/**
 * A container could not be started. `reason` and `message` become its state while it waits; `retryMs` is how long
 * nobody tries again.
 */
export class StartRefusal extends Error {
  override readonly name = 'StartRefusal';
  readonly reason: string;
  readonly retryMs: number;
  /** The attempt that was made and failed, where it came so far. */
  readonly containerId: string | undefined;

  constructor(reason: string, message: string, retryMs: number, containerId?: string) {
    super(message);
    this.reason = reason;
    this.retryMs = retryMs;
    this.containerId = containerId;
  }
}

/** What kept a container from being started, told as an event. */
export function refusalOf(error: unknown, record: RecordEvent): StartRefusal {
  if (error instanceof StartRefusal) {
    record('Warning', 'Failed', `Error: ${error.reason}`);
    return error;
  }
  const message = errorText(error);
  record('Warning', 'Failed', `Error: ${message}`);
  const reason = error instanceof ConfigurationError ? 'CreateContainerConfigError' : 'CreateContainerError';
  return new StartRefusal(reason, message, configurationRetryMs);
}
