/** The server could not be reached, or went away before its answer was complete. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError';
}
