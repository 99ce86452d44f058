import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ConfigMaps } from '../../../src/api/core/v1/types.ts';
import { askedWebhooks, refusal } from './asked-webhooks.ts';

const rule = { apiGroups: [''], apiVersions: ['v1'], operations: ['*' as const], resources: ['configmaps'] };

describe('rules, selectors and conditions of webhooks', () => {
  const webhooks = askedWebhooks();
  const { mutating, validating, map, create } = webhooks;

  test('it is asked only about what its rules, selectors and conditions name', async () => {
    await validating('a', () => ({ allowed: true }), {
      rules: [{ ...rule, operations: ['CREATE'] }],
      objectSelector: { matchLabels: { look: 'yes' } },
      matchConditions: [{ name: 'small', expression: "object.data.size != 'large' && request.operation == 'CREATE'" }],
    });
    await create({}, { look: 'no' });
    await create({ size: 'large' }, { look: 'yes' });
    await webhooks.api.client.create(ConfigMaps, {
      metadata: { namespace: 'default', name: 'x', labels: { look: 'yes' } },
    });
    assert.equal(webhooks.server.asked.length, 0);
    await create({ size: 'small' }, { look: 'yes' });
    assert.equal(webhooks.server.asked.length, 1);
  });

  for (const [conditions, why] of [
    [['object.data.nothing == 1'], "expression 'object.data.nothing == 1' resulted in error: no such key: nothing"],
    [
      ['true', 'object.data.x == 1', 'object.data.y == 1'],
      "[expression 'object.data.x == 1' resulted in error: no such key: x, expression 'object.data.y == 1' resulted in error: no such key: y]",
    ],
    [['object.data.x == 1', 'false'], undefined],
  ] as const)
    test(`a request is ${why ? 'refused' : 'let pass'} where conditions cannot be told: ${conditions.join(', ')}`, async () => {
      const matchConditions = conditions.map((expression, at) => ({ name: `n${at}`, expression }));
      await validating('a', () => ({ allowed: true }), { matchConditions });
      await mutating('b', () => ({ allowed: true }), { matchConditions, failurePolicy: 'Ignore' });
      const object = map({ a: '1' });
      const made = webhooks.api.client.create(ConfigMaps, object);
      if (why === undefined) await made;
      else {
        const { code, message } = await refusal(made);
        assert.deepEqual([code, message], [403, `configmaps "${object.metadata.name}" is forbidden: ${why}`]);
      }
      assert.equal(webhooks.server.asked.length, 0);
    });

  test('a request is refused where conditions take too much together', async () => {
    const digits = JSON.stringify(Array.from({ length: 40 }, (_, at) => at));
    const expression = `${digits}.all(a, ${digits}.all(b, ${digits}.all(c, ${digits}.all(d, a + b + c + d >= 0))))`;
    await validating('a', () => ({ allowed: true }), {
      matchConditions: ['one', 'two', 'three'].map((name) => ({ name, expression })),
    });
    const { code, message } = await refusal(create({ a: '1' }));
    assert.equal(code, 403);
    assert.match(
      message,
      / is forbidden: validation failed due to running out of cost budget, no further validation rules will be run$/,
    );
  });
});
