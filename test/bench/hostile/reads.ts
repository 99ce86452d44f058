import type { Attack } from './attack.ts';
import type { Target } from './target.ts';

const json = 'application/json';
const configMaps = '/api/v1/namespaces/default/configmaps';

async function create(target: Target, count: number, bytes: number): Promise<void> {
  const clients = Array.from({ length: 8 }, () => target.client('admin'));
  let at = 0;
  await Promise.all(
    clients.map(async (client) => {
      while (at < count) {
        const name = `c${at++}`;
        const labels = { app: `a${at % 10}` };
        const body = JSON.stringify({ metadata: { name, labels }, data: { a: 'x'.repeat(bytes) } });
        await target.ask(client, { method: 'POST', path: configMaps, headers: { 'content-type': json }, body });
      }
    }),
  );
}

const large = (target: Target) => create(target, 24, 900_000);
const many = (target: Target) => create(target, 4000, 300);

/** So many connections ask and never read. */
function unread(name: string, count: number, path: string): Attack {
  return {
    name,
    prepare: large,
    async attack(target) {
      for (let at = 0; at < count && !target.isOver; at++) {
        const socket = await target.socket('http/1.1', 'admin', false);
        socket?.write(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
      }
      await target.untilOver();
    },
  };
}

const floods = { method: 'GET', headers: {} };
const table = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' };

/** Reading much, or asking for it and not reading. */
export const reads: readonly Attack[] = [
  unread('30 lists of 21 MB that nobody reads', 30, configMaps),
  unread('30 watches of 21 MB that nobody reads', 30, `${configMaps}?watch=1&resourceVersion=0`),
  {
    name: 'lists with selectors, 4,000 objects, 16 clients',
    prepare: many,
    attack: (target) =>
      target.repeat('admin', 16, (at) => ({ ...floods, path: `${configMaps}?labelSelector=app%3Da${at % 10}` })),
  },
  {
    name: 'Tables of 4,000 objects, 8 clients',
    prepare: many,
    attack: (target) => target.repeat('admin', 8, { path: configMaps, headers: table }),
  },
  {
    name: 'compressed lists of 4,000 objects, 8 clients',
    prepare: many,
    attack: (target) => target.repeat('admin', 8, { path: configMaps, headers: { 'accept-encoding': 'gzip' } }),
  },
  {
    name: 'selectors of 30 kB, 4,000 objects, 4 clients',
    prepare: many,
    async attack(target) {
      const values = Array.from({ length: 5000 }, (_, at) => `v${at}`).join(',');
      await target.repeat('admin', 4, {
        path: `${configMaps}?labelSelector=${encodeURIComponent('app in (')}${values})`,
      });
    },
  },
  {
    name: '40 watches from old versions, 400 changes of 450 kB',
    async prepare(target) {
      await create(target, 1, 450_000);
      const client = target.client('admin');
      const path = `${configMaps}/c0`;
      const headers = { 'content-type': 'application/merge-patch+json' };
      for (let at = 0; at < 400; at++)
        await target.ask(client, { method: 'PATCH', path, headers, body: JSON.stringify({ data: { b: `${at}` } }) });
    },
    async attack(target) {
      const first = await target.ask(target.client('admin'), { path: `${configMaps}?limit=1` });
      const now = Number(
        (JSON.parse(first!.text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion,
      );
      for (let at = 0; at < 40 && !target.isOver; at++) {
        const socket = await target.socket('http/1.1', 'admin', at % 2 === 0);
        const from = now - 1 - at * 9;
        socket?.write(`GET ${configMaps}?watch=1&resourceVersion=${from} HTTP/1.1\r\nHost: x\r\n\r\n`);
      }
      await target.untilOver();
    },
  },
  {
    name: 'requests above the limits of flow control',
    attack: (target) => target.repeat('nobody', 600, { path: '/apis/authorization.k8s.io/v1' }),
  },
  {
    name: 'bodies of 60 kB that are refused unread',
    async attack(target) {
      const body = 'x'.repeat(60_000);
      const question = { method: 'POST', path: configMaps, headers: { 'content-type': json }, body };
      const client = target.client('stranger', 'HTTP/2.0');
      while (!target.isOver) await Promise.all(Array.from({ length: 20 }, () => target.ask(client, question)));
    },
  },
];
