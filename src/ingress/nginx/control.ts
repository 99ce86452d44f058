import { request } from 'node:http';
import { deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';

/** Speaks to a running nginx of ours over its control socket. */
export interface Control {
  /** The configuration that it works by; rejects when none answers. */
  generation(): Promise<string>;
  /** The workers that accept connections, those of configurations before among them; rejects when none answers. */
  workers(): Promise<Workers>;
  /**
   * Replaces all endpoints, or only those of the backends named; an empty text forgets a backend. In force when it
   * resolves.
   */
  setEndpoints(endpoints: ReadonlyMap<string, string>, which: 'all' | 'named'): Promise<void>;
}

export interface Workers {
  /** How many the configuration has that answered. */
  readonly wanted: number;
  /** By pid: the configuration that they work by. One that was killed stays in here. */
  readonly accepting: ReadonlyMap<number, string>;
}

const patienceMs = 5_000;

export function controlOf(socket: string, clock: Clock): Control {
  return {
    generation: () => ask(socket, clock, 'GET', '/generation'),
    async workers() {
      const [wanted, ...lines] = (await ask(socket, clock, 'GET', '/workers')).trim().split('\n');
      const pairs = lines.map((line) => line.split(' ') as [string, string]);
      return {
        wanted: Number(wanted),
        accepting: new Map(pairs.map(([pid, generation]) => [Number(pid), generation])),
      };
    },
    async setEndpoints(endpoints, which) {
      await ask(socket, clock, which === 'all' ? 'PUT' : 'PATCH', '/endpoints', endpointLines(endpoints));
    },
  };
}

/** One line for each backend: its name and its endpoints. */
export function endpointLines(endpoints: ReadonlyMap<string, string>): string {
  return [...endpoints].map(([backend, text]) => `${backend} ${text}\n`).join('');
}

async function ask(socketPath: string, clock: Clock, method: string, path: string, body = ''): Promise<string> {
  using limit = deadline(clock, patienceMs);
  return await new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body), connection: 'close' };
    const call = request({ socketPath, method, path, headers, agent: false, signal: limit.signal }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(parts).toString();
        if (response.statusCode === 200) resolve(text);
        else
          reject(new Error(`Cannot ${method} "${path}" of nginx: it answers ${response.statusCode}: ${text.trim()}`));
      });
    });
    call.on('error', reject);
    call.end(body);
  });
}
