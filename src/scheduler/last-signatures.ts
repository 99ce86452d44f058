/** Signatures of pods of which something is remembered. */
const most = 64;

/** What is known of the signatures of pods that were written last; the oldest are forgotten. */
export class LastSignatures<T> {
  readonly #bySignature = new Map<string, T>();

  get(signature: string): T | undefined {
    return this.#bySignature.get(signature);
  }

  /** Makes it the newest. */
  set(signature: string, value: T): void {
    this.#bySignature.delete(signature);
    this.#bySignature.set(signature, value);
    const oldest = this.#bySignature.size > most ? this.#bySignature.keys().next().value : undefined;
    if (oldest !== undefined) this.#bySignature.delete(oldest);
  }
}
