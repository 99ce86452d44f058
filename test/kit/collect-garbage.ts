/** Read by a server process before anything else (`collects`): it collects garbage when it is told to. */
process.on('SIGUSR2', () => globalThis.gc?.());
