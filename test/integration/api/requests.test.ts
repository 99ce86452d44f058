import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ConfigMaps, ServiceAccounts } from '../../../src/api/core/v1/types.ts';
import { FlowSchemas, PriorityLevelConfigurations } from '../../../src/api/flowcontrol/v1/types.ts';
import { superuser, type ApiServer } from '../../../src/apiserver/api-server.ts';
import { createApiHandler, type ApiHandler } from '../../../src/apiserver/http/api-listener.ts';
import { createClient } from '../../../src/client/typed-client.ts';
import { nextTurn } from '../../../src/base/turn.ts';
import { startMemoryApi } from '../../kit/memory-api.ts';
import { MemoryExchange, type AskedInMemory } from '../../kit/memory-exchange.ts';

let api: ApiServer;
let handler: ApiHandler;

/** Tokens are names of users; one of root's is in system:masters. */
function handlerOf(server: ApiServer): Promise<ApiHandler> {
  return createApiHandler(
    {
      ...server,
      authenticator: {
        authenticate: ({ token = 'root' }) => ({ name: token, groups: token === 'root' ? ['system:masters'] : [] }),
      },
    },
    { version: 'v1.36.0', versionInfo: { major: '1' } },
  );
}

before(async () => {
  api = await startMemoryApi();
  handler = await handlerOf(api);
  const client = createClient(api.transport(superuser, 'test'));
  await client.create(ServiceAccounts, { metadata: { name: 'default', namespace: 'default' } });
  await client.create(ConfigMaps, { metadata: { name: 'a', namespace: 'default' } });
});
after(async () => {
  await handler[Symbol.asyncDispose]();
  await api[Symbol.asyncDispose]();
});

/** A watch is left as soon as it has begun. */
async function ask(path: string, asked: AskedInMemory = {}, by = handler): Promise<MemoryExchange> {
  const exchange = new MemoryExchange(path, asked);
  let isOver = false;
  const served = Promise.resolve(by.serve(exchange)).then(() => (isOver = true));
  while (!isOver && !exchange.isStream) await nextTurn();
  exchange.leave();
  await served;
  return exchange;
}

const map = '/api/v1/namespaces/default/configmaps/a';
const maps = '/api/v1/namespaces/default/configmaps';
const notAllowed = 'the server does not allow this method on the requested resource';
const notFound = 'the server could not find the requested resource';

const rows: [request: string, code: number, message: string][] = [
  [`HEAD ${map}`, 405, ''],
  [`OPTIONS ${map}`, 405, notAllowed],
  [`POST ${map}`, 405, notAllowed],
  [`PUT ${maps}`, 405, notAllowed],
  [`PATCH ${maps}`, 405, notAllowed],
  ['DELETE /api/v1/configmaps', 405, notAllowed],
  ['POST /api/v1/configmaps', 405, notAllowed],
  ['GET /api/v1/configmaps/a', 404, notFound],
  [`GET ${map}/status`, 404, notFound],
  [`GET ${map}/a/b/c`, 404, notFound],
  ['GET /api/v1/namespaces/default/nodes', 404, notFound],
  ['GET /api/v1/namespaces/default/pods/a/exec/b', 404, notFound],
  ['PUT /api/v1/namespaces/default/pods/a/exec', 405, notAllowed],
  ['GET /api/v1/namespaces/default/serviceaccounts/default/token', 405, notAllowed],
  ['GET /apis/authorization.k8s.io/v1/selfsubjectaccessreviews', 405, notAllowed],
  ['GET /apis/example.com/v1/things', 404, '404 page not found\n'],
  ['GET /api/v1//configmaps', 404, notFound],
  [`GET ${maps}/..`, 400, `Name parameter invalid: "..": may not be '..'`],
  [`GET ${maps}/a%25b`, 400, `Name parameter invalid: "a%b": may not contain '%'`],
  ['GET /api/v1/watch/namespaces/default/configmaps/a/status', 404, notFound],
  ['POST /api/v1/watch/namespaces/default/configmaps', 405, notAllowed],
  ['POST /version', 405, notAllowed],
  ['DELETE /apis/apps', 405, notAllowed],
  ['POST /healthz', 200, 'ok'],
  ['HEAD /healthz', 200, ''],
  ['POST /nonsense', 404, '404 page not found\n'],
];
for (const [request, code, message] of rows)
  test(`${request} is answered ${code}`, async () => {
    const [method = '', path = ''] = request.split(' ');
    const { status, text } = await ask(path, { method });
    assert.deepEqual([status, text.startsWith('{') ? JSON.parse(text).message : text], [code, message]);
  });

test('who may not is told that before he is told that there is no such route', async () => {
  const headers = { authorization: 'Bearer eve' };
  for (const [method, path] of [
    ['OPTIONS', map],
    ['POST', map],
    ['PUT', maps],
    ['GET', `${map}/nonsense`],
    ['DELETE', `/api/v1/watch/configmaps`],
  ] as const)
    assert.equal((await ask(path, { method, headers })).status, 403, `${method} ${path}`);
});

const hooks = [
  'start-apiserver-admission-initializer',
  'generic-apiserver-start-informers',
  'start-system-namespaces-controller',
  'start-legacy-token-tracking-controller',
  'start-service-ip-repair-controllers',
  'rbac/bootstrap-roles',
  'scheduling/bootstrap-system-priority-classes',
  'bootstrap-controller',
  'start-kubernetes-service-cidr-controller',
].map((hook) => `[+]poststarthook/${hook} ok\n`);

const health: [path: string, code: number, text: string][] = [
  ['/livez', 200, 'ok'],
  ['/livez/ping', 200, 'ok'],
  ['/readyz/none', 404, '404 page not found\n'],
  ['/readyz/etcd', 200, 'ok'],
  ['/readyz/informer-sync', 200, 'ok'],
  ['/livez/informer-sync', 404, '404 page not found\n'],
  ['/healthz/poststarthook/rbac/bootstrap-roles', 200, 'ok'],
  ['/livez?verbose', 200, `[+]ping ok\n[+]log ok\n[+]etcd ok\n${hooks.join('')}livez check passed\n`],
  [
    '/readyz?verbose&exclude=etcd',
    200,
    `[+]ping ok\n[+]log ok\n[+]etcd excluded: ok\n[+]etcd-readiness ok\n[+]informer-sync ok\n${hooks.join('')}[+]shutdown ok\nreadyz check passed\n`,
  ],
  [
    '/healthz?verbose=&exclude=a&exclude=b&exclude=ping',
    200,
    `[+]ping excluded: ok\n[+]log ok\n[+]etcd ok\n${hooks.join('')}warn: some health checks cannot be excluded: no matches for "a","b"\nhealthz check passed\n`,
  ],
];
for (const [path, code, text] of health)
  test(`${path} is answered as Kubernetes does`, async () => {
    const { status, text: told } = await ask(path);
    assert.deepEqual([status, told], [code, text]);
  });

const options: readonly (readonly [query: string, code: number, why: string])[] = [
  ['watch=1&limit=x', 400, 'strconv.ParseInt: parsing "x": invalid syntax'],
  ['watch=1&timeoutSeconds=', 400, 'strconv.ParseInt: parsing "": invalid syntax'],
  [
    'continue=zz',
    400,
    "invalid continue token: continue key is not valid: invalid character 'Ï' looking for beginning of value",
  ],
  [
    'resourceVersion=99999999999999999999',
    400,
    'invalid resource version: resourceVersion: Invalid value: "99999999999999999999": strconv.ParseUint: parsing "99999999999999999999": value out of range',
  ],
];
for (const [query, code, why] of options)
  test(`?${query} is refused in Go's words`, async () => {
    const { status, text } = await ask(`${maps}?${query}`);
    assert.deepEqual([status, JSON.parse(text).message], [code, why]);
  });

for (const method of ['GET', 'POST', 'PUT', 'DELETE'])
  test(`a timeout that is none is refused, of ${method} too`, async () => {
    const { status, text } = await ask(`${method === 'POST' ? maps : map}?timeout=x`, { method, body: {} });
    const why = 'invalid timeout specified in the request URL: time: invalid duration "x"';
    assert.deepEqual([status, JSON.parse(text).message], [400, why]);
  });

test("a client's Audit-ID is kept, others get one", async () => {
  assert.equal((await ask(map, { headers: { 'audit-id': 'mine' } })).answered['audit-id'], 'mine');
  assert.match(String((await ask(map)).answered['audit-id']), /^[0-9a-f-]{36}$/);
  assert.match(String((await ask('/nonsense')).answered['audit-id']), /^[0-9a-f-]{36}$/);
});

test('a review is no table', async () => {
  const table = 'application/json;as=Table;v=v1;g=meta.k8s.io';
  const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
  const body = { spec: { nonResourceAttributes: { path: '/', verb: 'get' } } };
  const ask1 = (accept: string) => ask(path, { method: 'POST', headers: { accept }, body });
  const refused = await ask1(table);
  assert.equal(refused.status, 406);
  assert.match(refused.text, /"reason":"NotAcceptable"/);
  assert.equal((await ask1(`${table},application/json`)).status, 201);
  assert.equal((await ask(map, { headers: { accept: table } })).status, 200);
});

test('too much at once is answered 429, but for those who must always get in', async () => {
  const none = { all: 0, ofOneUser: 0 };
  await using small = await startMemoryApi({
    flowLimits: { readOnly: 4, mutating: 4, watches: none, streams: none },
  });
  const client = createClient(small.transport(superuser, 'test'));
  const limited = { nominalConcurrencyShares: 0, borrowingLimitPercent: 0, limitResponse: { type: 'Reject' } };
  await client.create(PriorityLevelConfigurations, { metadata: { name: 'jail' }, spec: { type: 'Limited', limited } });
  await client.create(FlowSchemas, {
    metadata: { name: 'jail' },
    spec: {
      matchingPrecedence: 3,
      priorityLevelConfiguration: { name: 'jail' },
      rules: [
        {
          subjects: [{ kind: 'User', user: { name: 'eve' } }],
          resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'], namespaces: ['*'], clusterScope: true }],
          nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        },
      ],
    },
  });
  await using own = await handlerOf(small);
  const eve = { authorization: 'Bearer eve' };
  for (const [method, path] of [
    ['GET', map],
    ['POST', maps],
    ['GET', `${maps}?watch=1`],
    ['GET', '/api/v1/namespaces/default/pods/x/log'],
    ['POST', '/api/v1/namespaces/default/services/x/proxy/y'],
    ['GET', '/version'],
  ] as const) {
    const { status, text, answered } = await ask(path, { method, headers: eve, body: {} }, own);
    assert.deepEqual([status, text], [429, 'Too many requests, please try again later.\n']);
    assert.equal(answered['retry-after'], '1');
  }
  assert.equal((await ask(map, {}, own)).status, 404);
  assert.equal((await ask(`${maps}?watch=1`, {}, own)).status, 200);
  assert.deepEqual({ ...small.flowControl.running }, { readOnly: 0, mutating: 0 });
});

const words = [
  'pods',
  'configmaps/a',
  'nodes/n',
  'services/s',
  'serviceaccounts/default',
  'events',
  'bindings',
  '%00',
  '%2F',
  '..',
];
const parts = [
  '',
  'status',
  'scale',
  'exec',
  'log',
  'proxy',
  'proxy/a%2Fb?c',
  'token',
  'eviction',
  'binding',
  'nonsense',
];
const places = [
  '/api/v1',
  '/api/v1/namespaces/default',
  '/api/v1/watch',
  '/api/v1/watch/namespaces/default',
  '/apis/apps/v1',
  '/apis/events.k8s.io/v1/namespaces/default',
  '/api/v9',
  '/apis/a.b/v1',
];
const pages = [
  '/',
  '//',
  '/api',
  '/api/',
  '/api//',
  '/apis',
  '/apis/',
  '/apis/apps',
  '/openapi/v2',
  '/openapi/v3',
  '/openapi/v3/apis/apps/v1',
  '/metrics',
  '/version/',
  '/livez/',
  '/livez/x',
  '/kubeling/v1',
  '/kubeling/v1/applied',
  '/kubeling/v1/namespaces/a/pods/b/endpoints-removed?timeoutSeconds=x',
  '/%',
  '/%ff',
  '/api/v1/%',
  '*',
  '',
  '?a',
];
const paths = [
  ...pages,
  ...places.flatMap((place) => words.flatMap((word) => parts.map((part) => `${place}/${word}/${part}`))),
];
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'X'];
const queries = [
  'watch=1',
  'watch=%',
  'limit=x',
  'limit=-1',
  'continue=x',
  'resourceVersion=-',
  'labelSelector=%20%3D',
  'fieldSelector=%3D%3D%3D',
  'dryRun=x',
  'fieldValidation=x',
  'fieldManager=%00',
  'timeoutSeconds=99999999999999',
  'pretty=x',
  'includeObject=x',
  'gracePeriodSeconds=x',
  'sendInitialEvents=x',
  'container=x',
  '__proto__=x',
  'timeout=x',
  'propagationPolicy=x',
  '&;%zz=%',
];
const headers: Record<string, string>[] = [
  { accept: ';;' },
  { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' },
  { accept: '*/*;q=x' },
  { 'content-type': ';;' },
  { 'content-type': '__proto__' },
  { 'content-type': 'constructor' },
  { 'content-type': 'application/json-patch+json' },
  { 'content-type': 'application/vnd.kubernetes.protobuf' },
  { authorization: 'Bearer' },
  { 'impersonate-user': 'x', 'impersonate-group': '', 'impersonate-extra-%': '' },
  { 'impersonate-group': 'x' },
  { 'user-agent': '\u0000\u00ff' },
  { 'audit-id': 'x'.repeat(5000) },
  { upgrade: 'websocket', connection: 'Upgrade' },
  { 'accept-encoding': 'gzip' },
  { 'if-none-match': '"x"' },
];

/** Kubernetes answers these 500 itself. */
const ownFailures =
  /strconv.ParseUint|failed to create typed patch object|name must be provided|target.name|target.kind/;

async function survives(path: string, asked: AskedInMemory): Promise<void> {
  const { status, text } = await ask(path, asked);
  const isFine = (status >= 200 && status < 500) || status === 503 || (status === 500 && ownFailures.test(text));
  assert.ok(isFine, `${asked.method} ${path} ${JSON.stringify(asked.headers ?? {})}: ${status} ${text.slice(0, 300)}`);
}

test('no path and no method ends in a failure of the server', async () => {
  for (const path of paths) for (const method of methods) await survives(path, { method, body: {} });
});

test('no query and no header ends in a failure of the server', async () => {
  const some = [
    map,
    maps,
    '/api/v1/watch/configmaps',
    '/api/v1/namespaces/default/pods/x/log',
    '/version',
    '/apis',
    '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
  ];
  for (const path of some)
    for (const method of methods) {
      for (const query of queries) await survives(`${path}?${query}`, { method, body: {} });
      for (const one of headers) await survives(path, { method, headers: one, body: {} });
    }
});
