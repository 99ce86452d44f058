import assert from 'node:assert/strict';
import test from 'node:test';
import { describe, describeModel, modelNamesOf } from './descriptions.ts';

const names: [definition: string, models: string[]][] = [
  ['io.k8s.api.apps.v1.Deployment', ['AppsV1Deployment', 'V1Deployment']],
  ['io.k8s.api.core.v1.Event', ['CoreV1Event', 'V1Event']],
  ['io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta', ['MetaV1ObjectMeta', 'V1ObjectMeta']],
];
for (const [definition, models] of names) {
  test(`${definition} is looked for as ${models.join(', then ')}`, () => {
    assert.deepEqual(modelNamesOf(definition), models);
  });
}

const declaration = `/**
 * Not of the class.
 */
import { V1Spec } from '../models/V1Spec.js';
/**
* A thing.
*/
export declare class V1Thing {
    /**
    * The container\\'s word.   Spread out.
    */
    '_default'?: string;
    'spec'?: V1Spec;
    /**
    * A limit.
    */
    'limit'?: any;
}
`;
const code = `V1Thing.attributeTypeMap = [
    {
        "name": "_default",
        "baseName": "default",
    }
];`;

test('a model gives texts of the class and of its properties under their wire names', () => {
  assert.deepEqual(describeModel(declaration, code), {
    '': 'A thing.',
    default: "The container's word. Spread out.",
    limit: 'A limit.',
  });
});

test('a type without a class takes the text of a field that speaks of it', () => {
  const quantity = { ref: 'x.Quantity' };
  const facts = {
    schema: {
      'x.v1.A': { fields: { one: quantity, two: quantity, three: quantity } },
      'x.Quantity': { type: 'string' },
    },
    resources: [],
    groups: [],
    columns: {},
    fieldSelectors: {},
  };
  const model = ['one:Own words.', 'two:Quantity is an amount.', 'three:More words.']
    .map((line) => line.split(':'))
    .map(([field, text]) => `    /**\n    * ${text}\n    */\n    '${field}'?: any;\n`)
    .join('');
  const descriptions = describe(facts, (file) => (file === 'V1A.d.ts' ? model : undefined));
  assert.deepEqual(descriptions['x.Quantity'], { '': 'Quantity is an amount.' });
});

test('without the client there are no texts', () => {
  const facts = { schema: { 'x.v1.A': {} }, resources: [], groups: [], columns: {}, fieldSelectors: {} };
  assert.deepEqual(
    describe(facts, () => undefined),
    {},
  );
});
