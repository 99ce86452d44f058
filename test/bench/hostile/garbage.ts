import type { ServerResponse } from 'node:http';

/** What a server may answer that is no answer. */
export type Garbage = (response: ServerResponse) => void;

const megabyte = Buffer.alloc(1024 * 1024, 'x');

function json(response: ServerResponse, body: string | Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);
}

function endless(response: ServerResponse): void {
  const more = (): void => {
    while (!response.destroyed && response.write(megabyte));
  };
  response.on('drain', more);
  more();
}

/** Of three megabytes. */
const numbers = `{"response":[${'1,'.repeat(1_500_000)}1]}`;
const members = `{"response":{${Array.from({ length: 230_000 }, (_, at) => `"k${at}":{}`).join()}}}`;
const brackets = '['.repeat(3_000_000);

/** By what servers do with a question. */
export const garbage: Readonly<Record<string, Garbage>> = {
  'never answers': () => {},
  'answers bytes': (response) => json(response, Buffer.alloc(100_000, 0xfe)),
  'answers three megabytes of numbers': (response) => json(response, numbers),
  'answers three megabytes of members': (response) => json(response, members),
  'answers three megabytes of brackets': (response) => json(response, brackets),
  'answers without an end': (response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    endless(response);
  },
  'answers errors without an end': (response) => {
    response.writeHead(500, { 'content-type': 'text/plain' });
    endless(response);
  },
  'dies in the middle of its answers': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"kind":', () => response.socket?.destroy());
  },
};
