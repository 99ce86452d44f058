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
