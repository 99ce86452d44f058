import assert from 'node:assert/strict';
import { test } from 'node:test';
import { servedResources } from '../../api/resources.ts';
import { builtInCatalog } from '../catalog/built-in.ts';
import { definitions } from '../resources/all.ts';
import { columnDescriber } from './column-descriptions.ts';
import { columnTexts } from './column-texts.ts';

/** Columns that Kubernetes itself does not explain: its printer looks for the text in the wrong place. */
const unexplained = ['runtimeclasses Handler'];

/** Each field's text is its own name, as if all were described. */
const fields = new Proxy({}, { get: (_, field) => `the field ${String(field)}` });
const described = new Proxy({}, { get: () => fields });

test('every column of every stored kind is explained', () => {
  const describe = columnDescriber(() => described);
  const { versions } = builtInCatalog(definitions, servedResources);
  const bare = versions.flatMap((served) =>
    served.facts.columns
      .filter(({ name }) => describe(served, name) === '')
      .map(({ name }) => `${served.type.resource} ${name}`),
  );
  assert.deepEqual(bare, unexplained);
});

test('texts are of columns that there are', () => {
  const columns = new Map(
    servedResources.map(({ type, columns: all }) => [
      `${type.resource}.${type.version}${type.group === '' ? '' : `.${type.group}`}`,
      new Set(all.map(({ name }) => name)),
    ]),
  );
  for (const [resource, texts] of Object.entries(columnTexts))
    for (const name of Object.keys(texts)) assert.ok(columns.get(resource)?.has(name), `${resource} ${name}`);
});
