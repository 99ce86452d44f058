import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

const namespace = 'default';
const count = 23;
const nameOf = (index: number): string => `map-${String(index).padStart(2, '0')}`;
const names = Array.from({ length: count }, (_, index) => nameOf(index));
const isOdd = (name: string): boolean => Number(name.slice(4)) % 2 === 1;

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
  for (const name of names)
    await api.client.create(ConfigMaps, {
      metadata: { name, namespace, labels: isOdd(name) ? { odd: 'yes' } : {} },
    });
});
after(() => api[Symbol.asyncDispose]());

interface Page {
  readonly names: readonly string[];
  readonly remaining: number | undefined;
}

/** Reads all pages; `between` is called after each but the last. */
async function pages(limit: number, query: string, between: () => Promise<unknown>): Promise<Page[]> {
  const read: Page[] = [];
  const versions = new Set<string>();
  for (let next = ''; ;) {
    const { code, body } = await api.ask(
      `/api/v1/namespaces/${namespace}/configmaps?limit=${limit}${query}&continue=${encodeURIComponent(next)}`,
    );
    assert.equal(code, 200);
    const { resourceVersion, remainingItemCount, continue: token = '' } = body.metadata;
    versions.add(resourceVersion);
    read.push({
      names: body.items.map((item: { metadata: { name: string } }) => item.metadata.name),
      remaining: remainingItemCount,
    });
    next = token;
    if (next === '') break;
    await between();
  }
  assert.equal(versions.size, 1, 'all pages are of one state');
  return read;
}

/** What the pages must be. How many are left is told only without a selector, and never as nothing. */
function expected(limit: number, all: readonly string[], isPicked: boolean): Page[] {
  const wanted: Page[] = [];
  for (let at = 0; at < all.length; at += limit) {
    const left = all.length - at - limit;
    wanted.push({ names: all.slice(at, at + limit), remaining: isPicked || left <= 0 ? undefined : left });
  }
  return wanted;
}

for (const limit of [1, 2, 5, 12, count - 1, count, count + 1])
  for (const [what, query, all] of [
    ['everything', '', names],
    ['what a selector picks', '&labelSelector=odd', names.filter(isOdd)],
  ] as const) {
    test(`${what} comes in pages of ${limit}`, async () => {
      assert.deepEqual(await pages(limit, query, async () => {}), expected(limit, all, query !== ''));
    });

    test(`${what} comes in pages of ${limit} as it was, while others are added and removed`, async () => {
      let round = 0;
      const change = async (): Promise<void> => {
        const metadata = { name: `map-00-${round++}`, namespace, labels: { odd: 'yes' } };
        await api.client.create(ConfigMaps, { metadata });
        await api.client.delete(ConfigMaps, metadata);
        await api.client.patch(
          ConfigMaps,
          { name: names.at(-1)!, namespace },
          {
            type: 'merge',
            body: { data: { round: `${limit}${query}${round}` } },
          },
        );
      };
      assert.deepEqual(await pages(limit, query, change), expected(limit, all, query !== ''));
    });
  }
