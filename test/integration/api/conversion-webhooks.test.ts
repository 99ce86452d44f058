import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, beforeEach, describe, test } from 'node:test';
import { nextTurn } from '../../../src/base/turn.ts';
import { startHttpsApi, type HttpsApi } from '../../kit/https-api.ts';
import { startWebhookServer, type WebhookServer } from '../../kit/webhook-server.ts';

const definitions = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
const placeOf = (version: string) => `/apis/example.com/${version}/namespaces/default/things`;
const merge = { 'content-type': 'application/merge-patch+json' };

interface Thing {
  apiVersion: string;
  kind: string;
  metadata: Record<string, any>;
  spec?: Record<string, unknown>;
}

/** What v1 calls size is the dimension of v2. */
function converted({ spec, ...object }: Thing, apiVersion: string): Thing {
  const { size, dimension, ...others } = spec ?? {};
  const value = size ?? dimension;
  const name = apiVersion.endsWith('/v2') ? 'dimension' : 'size';
  return { ...object, apiVersion, spec: { ...others, ...(value !== undefined && { [name]: value }) } };
}

function definitionOf({ url, caBundle }: WebhookServer, storage = 'v1') {
  const versionOf = (name: string, field: string, defaults: object) => ({
    name,
    served: true,
    storage: name === storage,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: { [field]: { type: 'integer' }, color: { type: 'string', ...defaults } },
          },
          status: { type: 'object', properties: { ready: { type: 'boolean' } } },
        },
      },
    },
    subresources: { status: {}, scale: { specReplicasPath: `.spec.${field}`, statusReplicasPath: '.status.x' } },
    selectableFields: [{ jsonPath: `.spec.${field}` }],
  });
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'things.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'things', kind: 'Thing' },
      conversion: {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: `${url}/convert`, caBundle } },
      },
      versions: [versionOf('v1', 'size', { default: 'red' }), versionOf('v2', 'dimension', {})],
    },
  };
}

describe('a definition with a conversion webhook', () => {
  const opened = new AsyncDisposableStack();
  let api: HttpsApi;
  let hook: WebhookServer;
  /** How many objects each call was about, and how the next ones are answered. */
  const calls: { names: string[]; to: string }[] = [];
  let answer: ((objects: Thing[], response: ServerResponse) => Thing[] | undefined) | undefined;

  before(async () => {
    hook = opened.use(
      await startWebhookServer(({ apiVersion, request }, response) => {
        const objects = request.objects as Thing[];
        calls.push({ names: objects.map(({ metadata }) => metadata['name']), to: request.desiredAPIVersion });
        const good = objects.map((one) => converted(one, request.desiredAPIVersion));
        const convertedObjects = answer === undefined ? good : answer(good, response);
        if (convertedObjects === undefined) return;
        const result = { status: 'Success' };
        const { uid } = request;
        response.end(
          JSON.stringify({ kind: 'ConversionReview', apiVersion, response: { uid, result, convertedObjects } }),
        );
      }),
    );
    api = opened.use(await startHttpsApi());
    await api.ask(definitions, { method: 'POST', body: definitionOf(hook) });
    await until(`${definitions}/things.example.com`, ({ body }) => isEstablished(body));
  });
  after(() => opened.disposeAsync());
  beforeEach(() => {
    calls.length = 0;
    answer = undefined;
  });

  const isEstablished = (body: any): boolean =>
    body.status?.conditions?.some((one: any) => one.type === 'Established' && one.status === 'True') === true;
  async function until(path: string, isSo: (answer: { code: number; body: any }) => boolean): Promise<any> {
    for (;;) {
      const came = await api.ask(path);
      if (isSo(came)) return came.body;
      await nextTurn();
    }
  }
  const create = (version: string, name: string, spec: object) =>
    api.ask(placeOf(version), {
      method: 'POST',
      body: { apiVersion: `example.com/${version}`, kind: 'Thing', metadata: { name }, spec },
    });
  const specOf = async (version: string, name: string) => (await api.ask(`${placeOf(version)}/${name}`)).body.spec;

  test('its objects are read in each version, and asked for once', async () => {
    assert.equal((await create('v1', 'read', { size: 3 })).code, 201);
    assert.deepEqual(calls, []);
    assert.deepEqual(await specOf('v2', 'read'), { dimension: 3, color: 'red' });
    assert.deepEqual(await specOf('v2', 'read'), { dimension: 3, color: 'red' });
    assert.deepEqual(calls, [{ names: ['read'], to: 'example.com/v2' }]);
  });

  test('they are written in each version, with the defaults of the one in which they are stored', async () => {
    const { code, body } = await create('v2', 'written', { dimension: 4 });
    assert.equal(code, 201);
    assert.deepEqual(body.spec, { dimension: 4, color: 'red' });
    assert.deepEqual(await specOf('v1', 'written'), { size: 4, color: 'red' });
    const patched = await api.ask(`${placeOf('v2')}/written`, {
      method: 'PATCH',
      headers: merge,
      body: { spec: { dimension: 5 } },
    });
    assert.deepEqual(patched.body.spec, { dimension: 5, color: 'red' });
    assert.deepEqual(await specOf('v1', 'written'), { size: 5, color: 'red' });
    const status = await api.ask(`${placeOf('v2')}/written/status`, {
      method: 'PATCH',
      headers: merge,
      body: { status: { ready: true } },
    });
    assert.deepEqual([status.body.spec, status.body.status], [{ dimension: 5, color: 'red' }, { ready: true }]);
    const scale = await api.ask(`${placeOf('v2')}/written/scale`, {
      method: 'PATCH',
      headers: merge,
      body: { spec: { replicas: 7 } },
    });
    assert.equal(scale.body.spec.replicas, 7);
    assert.deepEqual(await specOf('v1', 'written'), { size: 7, color: 'red' });
  });

  test('a list is one call, and selects by what came back', async () => {
    for (let at = 0; at < 5; at++) await create('v1', `listed-${at}`, { size: 100 + at });
    calls.length = 0;
    const { body } = await api.ask(`${placeOf('v2')}?fieldSelector=spec.dimension=103`);
    assert.deepEqual(
      body.items.map(({ metadata }: Thing) => metadata['name']),
      ['listed-3'],
    );
    assert.equal(calls.length, 1);
    assert.ok(calls[0]!.names.length >= 5);
  });

  test('who applies in one version owns the fields of the others, and conflicts are told in theirs', async () => {
    const apply = async (version: string, manager: string, spec: object, force = false) => {
      const { code, body } = await api.ask(
        `${placeOf(version)}/applied?fieldManager=${manager}${force ? '&force=true' : ''}`,
        {
          method: 'PATCH',
          headers: { 'content-type': 'application/apply-patch+yaml' },
          body: { apiVersion: `example.com/${version}`, kind: 'Thing', metadata: { name: 'applied' }, spec },
        },
      );
      if (code >= 400) return [code, body.message];
      const owners = body.metadata.managedFields as { manager: string; fieldsV1: { 'f:spec': object } }[];
      return [
        code,
        body.spec,
        Object.fromEntries(owners.map((one) => [one.manager, Object.keys(one.fieldsV1['f:spec']).join()])),
      ];
    };
    const both = { one: 'f:size', two: 'f:dimension' };
    assert.deepEqual(await apply('v1', 'one', { size: 3 }), [201, { size: 3, color: 'red' }, { one: 'f:size' }]);
    assert.deepEqual(await apply('v2', 'two', { dimension: 3 }), [200, { dimension: 3, color: 'red' }, both]);
    assert.deepEqual(await apply('v2', 'two', { dimension: 4 }), [
      409,
      'Apply failed with 1 conflict: conflict with "one": .spec.size',
    ]);
    assert.deepEqual(await apply('v2', 'two', { dimension: 4 }, true), [
      200,
      { dimension: 4, color: 'red' },
      { two: 'f:dimension' },
    ]);
    assert.deepEqual(await apply('v1', 'one', { size: 9 }), [
      409,
      'Apply failed with 1 conflict: conflict with "two": .spec.dimension',
    ]);
    // What was applied in the other version, and is applied no more, goes.
    assert.deepEqual(await apply('v1', 'two', { color: 'blue' }), [200, { color: 'blue' }, { two: 'f:color' }]);
  });

  test('what cannot be converted fails, says why, and changes nothing', async () => {
    await create('v1', 'failing', { size: 3 });
    answer = (objects) => objects.slice(1);
    const read = await api.ask(`${placeOf('v2')}/failing`);
    const message = 'conversion webhook for example.com/v1, Kind=Thing returned 0 objects, expected 1';
    assert.deepEqual([read.code, read.body.message, read.body.reason], [500, message, undefined]);
    const write = await create('v2', 'never', { dimension: 3 });
    assert.deepEqual(
      [write.code, write.body.message],
      [500, 'conversion webhook for example.com/v2, Kind=Thing returned 0 objects, expected 1'],
    );
    assert.equal((await api.ask(`${placeOf('v1')}/never`)).code, 404);
    assert.equal((await api.ask(placeOf('v1'))).code, 200);
    answer = undefined;
    assert.equal((await api.ask(`${placeOf('v2')}/failing`)).code, 200);
  });

  test('an answer without an end is cut off, and a hanging one hurts nobody else', async () => {
    await create('v1', 'endless', { size: 1 });
    answer = (_objects, response) => {
      const pour = () => {
        while (response.write(Buffer.alloc(1 << 16, 0x20)));
        response.once('drain', pour);
      };
      pour();
      return undefined;
    };
    const { body } = await api.ask(`${placeOf('v2')}/endless`);
    assert.match(body.message, /failed: the answer is longer than \d+ bytes$/);
    let hanging: ServerResponse | undefined;
    answer = (_objects, response) => {
      hanging = response;
      return undefined;
    };
    const waiting = api.ask(`${placeOf('v2')}/endless`);
    while (hanging === undefined) await nextTurn();
    assert.equal((await api.ask(`${placeOf('v1')}/endless`)).code, 200);
    hanging.destroy();
    assert.match((await waiting).body.message, /failed: Post "https:.*\/convert\?timeout=30s": EOF$/);
  });

  test('is counted under the names of Kubernetes', async () => {
    const { text } = await api.ask('/metrics');
    assert.match(text, /^apiserver_conversion_webhook_request_total\{result="success",failure_type=""\} [1-9]/m);
    assert.match(text, /failure_type="conversion_webhook_partial_response_failure"\} 2$/m);
    assert.match(
      text,
      /crd_conversion_webhook_duration_seconds_count\{crd_name="things.example.com",from_version="v1",to_version="v2",succeeded="true"\} [1-9]/,
    );
  });

  test('what was stored before another version became the stored one is still read, and rewritten by the next write', async () => {
    await create('v1', 'old', { size: 8 });
    const definition = (await api.ask(`${definitions}/things.example.com`)).body;
    const changed = { ...definition, spec: definitionOf(hook, 'v2').spec };
    assert.equal((await api.ask(`${definitions}/things.example.com`, { method: 'PUT', body: changed })).code, 200);
    calls.length = 0;
    assert.deepEqual(await specOf('v1', 'old'), { size: 8, color: 'red' });
    assert.deepEqual(calls, []);
    assert.deepEqual(await specOf('v2', 'old'), { dimension: 8, color: 'red' });
    await api.ask(`${placeOf('v2')}/old`, {
      method: 'PATCH',
      headers: merge,
      body: { metadata: { labels: { a: 'b' } } },
    });
    calls.length = 0;
    assert.deepEqual(await specOf('v2', 'old'), { dimension: 8, color: 'red' });
    assert.deepEqual(calls, []);
    assert.deepEqual(await specOf('v1', 'old'), { size: 8, color: 'red' });
    assert.deepEqual(calls, [{ names: ['old'], to: 'example.com/v1' }]);
    const now = (await api.ask(`${definitions}/things.example.com`)).body;
    assert.deepEqual(now.status.storedVersions, ['v1', 'v2']);
  });

  test('without the webhook all versions are the same again, but for what one of them does not know', async () => {
    await create('v1', 'plain', { size: 9, color: 'blue' });
    const definition = (await api.ask(`${definitions}/things.example.com`)).body;
    definition.spec.conversion = { strategy: 'None' };
    assert.equal((await api.ask(`${definitions}/things.example.com`, { method: 'PUT', body: definition })).code, 200);
    assert.deepEqual(await specOf('v1', 'plain'), { color: 'blue' });
    assert.deepEqual(await specOf('v2', 'plain'), { dimension: 9, color: 'blue' });
  });
});
