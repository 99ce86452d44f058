import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RuleModel } from './rule-model.ts';
import type { Element } from './table.ts';
import type { Frontend, Group, TrafficPlan } from './traffic-plan.ts';

/** The kernel's side of an element map, which refuses what nftables refuses. */
class Table {
  readonly #elements = new Map<string, string>();
  take({ remove, add }: { remove: readonly Element[]; add: readonly Element[] }): void {
    for (const { collection, key } of remove) assert.ok(this.#elements.delete(`${collection} ${key}`), key);
    for (const { collection, key, value } of add) {
      assert.ok(!this.#elements.has(`${collection} ${key}`), key);
      this.#elements.set(`${collection} ${key}`, value);
    }
  }
  shown(): string[] {
    return [...this.#elements].map(([key, value]) => `${key} : ${value}`).sort();
  }
}
function shown(elements: readonly Element[]): string[] {
  return elements.map(({ collection, key, value }) => `${collection} ${key} : ${value}`).sort();
}

function plan(owner: string, endpoints: readonly string[], more: Partial<Frontend & Group> = {}): TrafficPlan {
  const { address = '10.96.0.1', protocol = 'udp', port = 80, outside, masquerade, allowed, stickySeconds } = more;
  const group: Group = {
    name: owner,
    endpoints,
    otherwise: 'refuse',
    ...(stickySeconds !== undefined && { stickySeconds }),
  };
  const frontend: Frontend = {
    address,
    protocol,
    port,
    class: more.class ?? 'external',
    group: owner,
    ...(outside !== undefined && { outside }),
    ...(masquerade !== undefined && { masquerade }),
    ...(allowed !== undefined && { allowed }),
  };
  return { frontends: [frontend], groups: [group], hairpins: endpoints.map((text) => text.split(' ')[0]!) };
}
/** As another object's, with what may be the same for both. */
function claimOf(owner: string, endpoint: string, more: Partial<Frontend & Group & { since: string }>): TrafficPlan {
  const { since, ...rest } = more;
  return { ...plan(owner, [endpoint], { protocol: 'tcp', ...rest }), ...(since !== undefined && { since }) };
}
/** The endpoints that the one frontend leads to, and the collections that say more of it. */
function ruling(model: RuleModel): { endpoints: string[]; more: string[] } {
  const elements = model.elements();
  const frontends = elements.filter(({ collection }) => collection === 'frontends');
  assert.equal(frontends.length, 1);
  const [{ key, value }] = frontends as [Element];
  return {
    endpoints: elements.flatMap((one) =>
      one.collection === 'endpoints' && one.key.startsWith(`${value} `) ? [one.value] : [],
    ),
    more: elements.flatMap((one) =>
      one.collection !== 'frontends' && one.key.startsWith(key) ? [one.collection] : [],
    ),
  };
}

const endpoint = (n: number): string => `10.244.0.${n} . 8080`;

test('differences, one after the other, always lead to what is wanted', () => {
  const owner = fc.constantFrom('a', 'b', 'c');
  const step = fc.record({
    owner,
    gone: fc.boolean(),
    endpoints: fc.uniqueArray(fc.integer({ min: 1, max: 5 }).map(endpoint)),
    address: fc.constantFrom('10.96.0.1', '10.96.0.2'),
    class: fc.constantFrom('cluster' as const, 'external' as const),
    masquerade: fc.boolean(),
    sticky: fc.boolean(),
    taken: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const model = new RuleModel();
      const table = new Table();
      for (const { owner: name, gone, endpoints, sticky, taken, ...frontend } of steps) {
        const planned = plan(name, endpoints, { ...frontend, ...(sticky && { stickySeconds: 60 }) });
        model.set(name, gone ? undefined : planned);
        if (!taken) continue;
        table.take(model.difference());
        model.taken();
        assert.deepEqual(table.shown(), shown(model.elements()));
      }
    }),
  );
});

test('one endpoint more or less of a hundred costs a handful of elements', () => {
  const model = new RuleModel();
  const hundred = Array.from({ length: 100 }, (_, n) => endpoint(n));
  model.set('web', plan('web', hundred));
  model.taken();
  model.set('web', plan('web', hundred.toSpliced(50, 1)));
  const { remove, add } = model.difference();
  assert.ok(remove.length + add.length <= 7, shown([...remove, ...add]).join('\n'));
});

test('of two that claim one address and port the first by name has it, then the other', () => {
  const model = new RuleModel();
  const holder = () => {
    const [frontend] = model.elements().filter(({ collection }) => collection === 'frontends');
    const group = model
      .elements()
      .find(({ collection, key }) => collection === 'endpoints' && key.startsWith(`${frontend?.value} `));
    return group?.value;
  };
  model.set('b', plan('b', [endpoint(2)]));
  assert.equal(holder(), endpoint(2));
  model.set('a', plan('a', [endpoint(1)]));
  assert.equal(holder(), endpoint(1));
  model.set('a', undefined);
  assert.equal(holder(), endpoint(2));
});

test('flows to forget are those over UDP that no rule leads to any more', () => {
  const model = new RuleModel();
  model.set('dns', plan('dns', [endpoint(1), endpoint(2)]));
  assert.deepEqual(model.taken(), []);
  model.set('dns', plan('dns', [endpoint(2), endpoint(3)]));
  assert.deepEqual(model.taken(), [{ address: '10.96.0.1', port: 80, endpoint: endpoint(1) }]);
  assert.deepEqual(model.taken(), []);
  model.set('dns', undefined);
  assert.equal(model.taken().length, 2);
  model.set('web', plan('web', [endpoint(1)], { protocol: 'tcp' }));
  model.set('web', undefined);
  assert.deepEqual(model.taken(), []);
});

test('a sticky client is never led to an endpoint that took the number of another', () => {
  const model = new RuleModel();
  const members = () =>
    model.elements().flatMap(({ collection, key, value }) => (collection === 'members' ? [`${key} ${value}`] : []));
  model.set('web', plan('web', [endpoint(1)], { stickySeconds: 60 }));
  const [before] = members();
  model.set('web', plan('web', [endpoint(2)], { stickySeconds: 60 }));
  const [after] = members();
  assert.notEqual(before!.split(' ')[2], after!.split(' ')[2]);
});

const classes = ['cluster', 'node', 'balancer', 'external'] as const;
for (const [rank, own] of classes.entries())
  for (const other of classes.slice(rank + 1))
    test(`an address of class ${own} is not taken by one of class ${other}, older and first by name, nor are its rules`, () => {
      const model = new RuleModel();
      const since = '2026-01-01T00:00:00Z';
      const thief = claimOf('a', endpoint(1), {
        class: other,
        since,
        outside: 'a',
        masquerade: true,
        allowed: ['192.0.2.0/24'],
      });
      const table = new Table();
      const take = () => {
        table.take(model.difference());
        model.taken();
        assert.deepEqual(table.shown(), shown(model.elements()));
      };
      model.set('service a', thief);
      take();
      model.set('service b', claimOf('b', endpoint(2), { class: own, since: '2026-02-01T00:00:00Z' }));
      take();
      assert.deepEqual(ruling(model), { endpoints: [endpoint(2)], more: [] });
      model.set('service a', thief);
      take();
      assert.deepEqual(ruling(model), { endpoints: [endpoint(2)], more: [] });
      model.set('service b', undefined);
      take();
      assert.deepEqual(ruling(model).endpoints, [endpoint(1)]);
      assert.deepEqual(ruling(model).more.sort(), ['allowed', 'masqueraded', 'outside', 'restricted']);
    });

test('of two of one class the older has it, whatever their names', () => {
  const model = new RuleModel();
  model.set('a', claimOf('a', endpoint(1), { since: '2026-02-01T00:00:00Z' }));
  model.set('b', claimOf('b', endpoint(2), { since: '2026-01-01T00:00:00Z' }));
  assert.deepEqual(ruling(model).endpoints, [endpoint(2)]);
});

test('flows over UDP to an address that another owner takes are forgotten', () => {
  const model = new RuleModel();
  model.set('a', plan('a', [endpoint(1)]));
  model.taken();
  model.set('b', plan('b', [endpoint(2)], { class: 'cluster' }));
  assert.deepEqual(model.taken(), [{ address: '10.96.0.1', port: 80, endpoint: endpoint(1) }]);
});
