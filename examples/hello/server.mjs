// The program in the container: says who it is and on which node it runs.
import { createServer } from 'node:http';

const { POD_NAME, NODE_NAME } = process.env;

const server = createServer((_, response) => response.end(`Hello from ${POD_NAME} on ${NODE_NAME}\n`));
server.listen(8080);

// As process 1 it gets no default handling of signals: without this, a pod would take 30 seconds to end.
process.on('SIGTERM', () => server.close(() => process.exit(0)));
