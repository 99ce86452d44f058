import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import { parseYaml } from '../../../src/apimachinery/yaml.ts';
import { ConfigMaps, Namespaces } from '../../../src/api/core/v1/types.ts';
import { writtenText, type TextForm } from '../../../src/apiserver/http/written-text.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';

let api: HttpsApi;
before(async () => {
  api = await startHttpsApi();
  for (const [namespace, count] of [
    ['none', 0],
    ['few', 3],
    ['many', 120],
  ] as const) {
    await api.client.create(Namespaces, { metadata: { name: namespace }, spec: {} });
    for (let at = 0; at < count; at++) {
      // The second one is too large to be written beside others' requests.
      const keys = count < 10 && at === 1 ? 5000 : 10;
      const data = Object.fromEntries(
        Array.from({ length: keys }, (_, key) => [`k${key}`, `line ${at}\n "ä": ${key}\n`]),
      );
      await api.client.create(ConfigMaps, {
        metadata: { name: `map-${at}`, namespace, labels: { at: String(at) } },
        data,
      });
    }
  }
});
after(() => api[Symbol.asyncDispose]());

const shapes = {
  objects: '',
  Tables: ';as=Table;v=v1;g=meta.k8s.io',
  'Tables of whole objects': ';as=Table;v=v1;g=meta.k8s.io',
  metadata: ';as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
};

async function ask(path: string, accept: string): Promise<string> {
  const { code, text } = await api.ask(path, { headers: { accept } });
  assert.equal(code, 200);
  return text;
}

/** The text says what the JSON says, and as it is written in one go. */
function isSame(text: string, json: string, form: TextForm): void {
  const value = form === 'yaml' ? parseYaml(text).value : (JSON.parse(text) as unknown);
  assert.ok(isDeepStrictEqual(value, JSON.parse(json)), `another value: ${text.slice(0, 1000)}`);
  assert.ok(text === writtenText(value, form), `otherwise written: ${text.slice(0, 1000)}`);
}

/** Cells of Tables tell ages. */
const withoutAges = (text: string): string => text.replaceAll(/\b\d+(ms|s|m)\b/g, 'AGE');

for (const [name, parameters] of Object.entries(shapes))
  for (const namespace of ['none', 'few', 'many'])
    for (const form of ['yaml', 'pretty'] satisfies TextForm[])
      test(`a list of ${namespace} as ${name}, ${form}, is the JSON in other letters`, async () => {
        const query = name.endsWith('objects') && name !== 'objects' ? '?includeObject=Object' : '?';
        const path = `/api/v1/namespaces/${namespace}/configmaps${query}`;
        const json = await ask(path, `application/json${parameters}`);
        const text =
          form === 'yaml'
            ? await ask(path, `application/yaml${parameters}`)
            : await ask(`${path}&pretty=true`, `application/json${parameters}`);
        isSame(withoutAges(text), withoutAges(json), form);
      });

for (const name of ['map-0', 'map-1'])
  test(`${name} as YAML and as pretty JSON is the same object`, async () => {
    const path = `/api/v1/namespaces/few/configmaps/${name}`;
    const json = await ask(path, 'application/json');
    isSame(await ask(`${path}?pretty=1`, 'application/json'), json, 'pretty');
    isSame(await ask(path, 'application/yaml'), json, 'yaml');
  });
