/** More is asked at once than the server takes: 429, and the client comes again. */
export class TooManyRequestsError extends Error {
  override readonly name = 'TooManyRequestsError';

  constructor() {
    super('Too many requests, please try again later.');
  }
}
