import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { ConfigMaps, type ConfigMap } from '../../../src/api/core/v1/types.ts';
import type { AuditEvent } from '../../../src/apiserver/request/audit.ts';
import { patch } from '../../kit/told-webhooks.ts';
import { askedWebhooks } from './asked-webhooks.ts';

describe('rounds of webhooks', () => {
  const audited: AuditEvent[] = [];
  const webhooks = askedWebhooks({ audit: { record: (event) => void audited.push(event) } });
  const { mutating, validating } = webhooks;
  beforeEach(() => void (audited.length = 0));

  let made = 0;
  /** A map as it was made, and what audit was told of that. */
  async function create(data: Record<string, string>): Promise<{ map: ConfigMap; annotations: Map<string, string> }> {
    const metadata = { namespace: 'shop', name: `map-${made++}`, labels: { a: 'b' } };
    const map = await webhooks.api.client.create(ConfigMaps, { metadata, data });
    const { annotations } = audited.find(
      ({ target }) => target.isResource && target.verb === 'create' && target.resource === 'configmaps',
    )!;
    return { map, annotations: new Map(annotations) };
  }
  const passes = () => ({ allowed: true });
  const again = { reinvocationPolicy: 'IfNeeded' } as const;

  test('who wants to is asked once more when another one has changed the object, and what he told first stays', async () => {
    const { asked } = webhooks.server;
    await mutating('a', () => ({ ...passes(), auditAnnotations: { asked: `${asked.length}` } }), again);
    await mutating('b', () => patch({ op: 'add', path: '/data/b', value: 'b' }));
    const { annotations } = await create({ k: 'v' });
    assert.equal(asked.length, 3);
    assert.equal(annotations.get('a.example.com/asked'), '1');
    const rounds = [...annotations.keys()].filter((key) => key.startsWith('mutation.')).sort();
    assert.deepEqual(
      rounds.map((key) => key.split('/')[1]),
      ['round_0_index_0', 'round_0_index_1', 'round_1_index_0'],
    );
  });

  test('nobody is asked again because of his own change', async () => {
    await mutating(
      'a',
      ({ request }) => patch({ op: 'add', path: '/data/counted', value: `${request['object'].data.counted ?? ''}x` }),
      again,
    );
    await mutating('b', passes, again);
    const { map } = await create({ k: 'v' });
    assert.deepEqual([map.data, webhooks.server.asked.length], [{ k: 'v', counted: 'x' }, 2]);
  });

  test('selectors see what others have changed, and nobody is asked in the second round only', async () => {
    const objectSelector = { matchLabels: { look: 'yes' } };
    await mutating('a', passes, { objectSelector, ...again });
    await mutating('b', () => patch({ op: 'add', path: '/metadata/labels/look', value: 'yes' }));
    await mutating('c', passes, { objectSelector });
    await create({});
    assert.equal(webhooks.server.asked.length, 2);
  });

  test('audit is told what they changed, and who let a request pass because he did not answer', async () => {
    const { caBundle } = webhooks.server;
    const gone = { clientConfig: { url: 'https://127.0.0.1:1', caBundle }, failurePolicy: 'Ignore' } as const;
    await mutating('a', () => patch({ path: '/data/first', op: 'add', value: '<a>' }));
    await mutating('b', passes, gone);
    await validating('c', passes);
    await validating('d', passes, gone);
    const { annotations } = await create({ zero: '0' });
    const told = [...annotations].filter(([key]) => key.includes('webhook.admission.k8s.io')).sort();
    assert.deepEqual(told, [
      ['failed-open.mutation.webhook.admission.k8s.io/round_0_index_1', 'b.example.com'],
      ['failed-open.validating.webhook.admission.k8s.io/round_0_index_1', 'd.example.com'],
      [
        'mutation.webhook.admission.k8s.io/round_0_index_0',
        '{"configuration":"a","webhook":"a.example.com","mutated":true}',
      ],
      [
        'mutation.webhook.admission.k8s.io/round_0_index_1',
        '{"configuration":"b","webhook":"b.example.com","mutated":false}',
      ],
      [
        'patch.webhook.admission.k8s.io/round_0_index_0',
        '{"configuration":"a","webhook":"a.example.com","patch":[{"op":"add","path":"/data/first","value":"\\u003ca\\u003e"}],"patchType":"JSONPatch"}',
      ],
    ]);
  });

  test('a name is made up when all who may change the object have seen it', async () => {
    await mutating('a', () => patch({ op: 'add', path: '/metadata/labels', value: { a: 'b' } }));
    await mutating('b', passes);
    await validating('c', passes);
    const metadata = { namespace: 'shop', generateName: 'map-' } as ConfigMap['metadata'];
    const { metadata: given } = await webhooks.api.client.create(ConfigMaps, { metadata });
    assert.match(given.name, /^map-.{5}$/);
    assert.deepEqual(
      webhooks.server.asked.map(({ request }) => [request['name'], request['object'].metadata.name]),
      [
        [undefined, undefined],
        [undefined, undefined],
        [given.name, given.name],
      ],
    );
  });

  test('a new object has its uid and its time when all who may change it have seen it, whatever they say', async () => {
    await mutating('a', () => patch({ op: 'add', path: '/metadata/uid', value: 'a' }));
    await validating('b', passes);
    const { map } = await create({});
    const { uid, creationTimestamp } = map.metadata;
    assert.notEqual(uid, 'a');
    assert.deepEqual(
      webhooks.server.asked
        .map(({ request }) => request['object'].metadata)
        .map((one) => [one.uid, one.creationTimestamp]),
      [
        [undefined, undefined],
        [uid, creationTimestamp],
      ],
    );
  });
});
