/** The user asked for what cannot be done; the message says why and what to do. Shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** With which the command ends. */
  readonly exitCode: number;
  constructor(message: string, { exitCode = 1, ...options }: ErrorOptions & { readonly exitCode?: number } = {}) {
    super(message, options);
    this.exitCode = exitCode;
  }
}
