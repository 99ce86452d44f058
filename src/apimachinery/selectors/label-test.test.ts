import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { labelTest } from './label-test.ts';
import { requirementMatcher, type Operator, type Requirement } from './requirement.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'constructor');
const value = fc.constantFrom('', 'x', 'y', '1', '5', '9');

const oneRequirement: fc.Arbitrary<Requirement> = fc
  .tuple(
    key,
    fc.constantFrom<Operator>('in', 'notin', '=', '!=', 'exists', '!', 'gt', 'lt'),
    fc.array(value, { minLength: 1 }),
  )
  .map(([on, operator, values]) => {
    if (operator === 'exists' || operator === '!') return { key: on, operator, values: [] };
    if (operator === 'gt' || operator === 'lt') return { key: on, operator, values: [String(values.length)] };
    return { key: on, operator, values: operator.endsWith('in') ? [...new Set(values)].sort() : [values[0]!] };
  });

test('all requirements together say what each says', () =>
  fc.assert(
    fc.property(fc.array(oneRequirement, { maxLength: 20 }), fc.dictionary(key, value), (requirements, labels) => {
      const each = requirements.every((one) => requirementMatcher(one)(labels));
      assert.equal(labelTest(requirements)(labels), each);
    }),
  ));

test('many labels that may not be there are looked up, not gone through', () => {
  let looks = 0;
  const labels = new Proxy({ app: 'web' } as Record<string, string>, {
    get(target, name) {
      looks++;
      return Reflect.get(target, name) as unknown;
    },
  });
  const requirements = Array.from({ length: 10_000 }, (_, at): Requirement => ({
    key: `k${at}`,
    operator: '!',
    values: [],
  }));
  assert.equal(labelTest(requirements)(labels), true);
  assert.ok(looks <= 1, `${looks} labels were read`);
});
