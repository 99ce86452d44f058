import { createSocket } from 'node:dgram';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * A pod of the tests of Services, in a network namespace of its own: answers on port 8080, over TCP and UDP, with its name
 * and the address that it saw; and asks others when told so on standard input, a line of JSON each.
 */
export interface Question {
  readonly id: number;
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  /** Own port to ask from, over UDP. */
  readonly from?: number;
}

export interface Answer {
  readonly id: number;
  /** What came back, or the code of the error, or `no answer`. */
  readonly text: string;
}

const port = 8080;
const patienceMs = 1000;
const [name = ''] = process.argv.slice(2);

const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.end(`${name} saw ${socket.remoteAddress}`);
});
server.listen(port, '0.0.0.0');
const datagrams = createSocket('udp4');
datagrams.on('message', (_, { address, port: from }) => datagrams.send(`${name} saw ${address}`, from, address));
datagrams.on('error', () => {});
datagrams.bind(port, '0.0.0.0', () => process.stdout.write('ready\n'));

createInterface(process.stdin)
  .on('line', (line) => {
    const question = JSON.parse(line) as Question;
    const answer = (text: string): void =>
      void process.stdout.write(`${JSON.stringify({ id: question.id, text } satisfies Answer)}\n`);
    if (question.protocol === 'tcp') askTcp(question, answer);
    else askUdp(question, answer);
  })
  .on('close', () => process.exit());

function askTcp({ address, port: to }: Question, answer: (text: string) => void): void {
  let heard = '';
  const socket = connect({ host: address, port: to, timeout: patienceMs });
  socket.on('data', (chunk) => (heard += chunk.toString()));
  socket.on('timeout', () => socket.destroy(Object.assign(new Error('no answer'), { code: 'no answer' })));
  socket.on('error', (error: NodeJS.ErrnoException) => (heard = error.code ?? error.message));
  socket.on('close', () => answer(heard));
}

function askUdp({ address, port: to, from }: Question, answer: (text: string) => void): void {
  const socket = createSocket('udp4');
  let heard = 'no answer';
  const timer = setTimeout(() => socket.close(), patienceMs);
  const finish = (text: string): void => {
    heard = text;
    socket.close();
  };
  socket.on('message', (message) => finish(message.toString()));
  socket.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? error.message));
  socket.on('close', () => {
    clearTimeout(timer);
    answer(heard);
  });
  const failed = (error?: Error | null): boolean => {
    if (error) finish((error as NodeJS.ErrnoException).code ?? error.message);
    return Boolean(error);
  };
  // Node tells the callback of a connection that failed, though its types do not.
  const connected = (error?: Error): void => void (failed(error) || socket.send('hello', failed));
  socket.bind(from ?? 0, () => socket.connect(to, address, connected));
}
