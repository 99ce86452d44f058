/** A request that the kubelet does not serve: HTTP status and text. */
export class RequestRefusal extends Error {
  override readonly name = 'RequestRefusal';
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
