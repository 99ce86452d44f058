/** The user asked for what cannot be done; the message says why and what to do. Shown without a stack. */
export class UserError extends Error {
  override readonly name = 'UserError';
}
