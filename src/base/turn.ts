/**
 * Waits for one turn of the event loop, so that sockets and timers get their share within long work, or so that what
 * arrives together is seen together. Only for code that never runs on virtual time: there, `clock.sleep(0)` is the way.
 */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
