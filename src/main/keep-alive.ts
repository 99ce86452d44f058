/** Keeps the process running until disposed: the clock's timers alone do not. */
export function keepAlive(): Disposable {
  const { port1 } = new MessageChannel();
  port1.on('message', () => {});
  port1.ref();
  return { [Symbol.dispose]: () => port1.close() };
}
