import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createApiHandler } from '../../../src/apiserver/http/api-listener.ts';
import { systemClock } from '../../../src/base/system-clock.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';
import { MemoryExchange, type AskedInMemory } from '../../kit/memory-exchange.ts';

const maps = '/api/v1/namespaces/default/configmaps';
const rows: readonly (readonly [name: string, path: string, code: number, asked?: AskedInMemory])[] = [
  ['reads', '/api/v1/namespaces/default', 200],
  ['writes', `${maps}?dryRun=All`, 201, { method: 'POST', body: { metadata: { generateName: 'a-' } } }],
];

for (const [name, path, code, asked] of rows)
  test(`of many ${name} that come in one turn of the event loop few begin in it`, async () => {
    let now = 0;
    /** Each look at it takes a millisecond: a few beginnings fill a turn. */
    const clock = { ...systemClock, monotonic: () => (now += 1), busy: () => now };
    await using api = await startMemoryApi({ clock });
    const authenticator = { authenticate: () => ({ name: 'root', groups: ['system:masters'] }) };
    const handler = await createApiHandler(
      { ...api, authenticator },
      { version: 'v1.36.0', versionInfo: { major: '1' } },
    );
    await using _ = handler;
    const exchanges = Array.from({ length: 100 }, () => new MemoryExchange(path, asked));
    const all = Promise.all(exchanges.map((exchange) => Promise.resolve(handler.serve(exchange))));
    await nextTurn();
    const answered = exchanges.filter(({ status }) => status !== 0).length;
    assert.ok(answered < 20, `${answered} of 100 were answered in the turn in which they came`);
    await all;
    assert.deepEqual(new Set(exchanges.map(({ status }) => status)), new Set([code]));
  });
