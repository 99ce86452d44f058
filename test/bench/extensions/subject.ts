import { Namespaces } from '../../../src/api/core/v1/types.ts';
import { startServerProcess, type ServerProcess } from '../../kit/server-process.ts';
import { load } from '../load.ts';
import { administratorToken, namespace } from '../subject.ts';

/** A server of its own, and the token of its administrator. */
export interface Subject extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly token: string;
}

export async function startSubject(): Promise<Subject> {
  const server = await startServerProcess();
  await server.client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
  const token = await administratorToken(server);
  return { server, token, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

/** A create of 32 clients; `body` names its objects by `generateName`. */
export interface Write {
  readonly path: string;
  readonly body: object;
}

const requests = 3000;

/** Milliseconds of the server's CPU for a create of each, in turns, once the compiler has seen both. */
export async function comparedCreates(
  subject: Subject,
  without: Write,
  withIt: Write,
): Promise<{ readonly floor: number; readonly value: number }> {
  const spent = new Map<Write, number>();
  const rounds = 3;
  for (let round = 0; round < rounds; round++)
    for (const write of [without, withIt]) {
      const before = subject.server.cpuMs();
      await createMany(subject, write, requests);
      if (round > 0) spent.set(write, (spent.get(write) ?? 0) + subject.server.cpuMs() - before);
    }
  const each = (write: Write): number => spent.get(write)! / (requests * (rounds - 1));
  return { floor: each(without), value: each(withIt) };
}

export async function createMany(
  { server: { url, folder }, token }: Subject,
  { path, body }: Write,
  count: number,
): Promise<void> {
  const how = { path, method: 'POST', body: JSON.stringify(body), clients: 32, requests: count };
  const { failed } = await load(url, token, folder, how);
  if (failed > 0) throw new Error(`Cannot measure: ${failed} of ${count} creates failed`);
}
