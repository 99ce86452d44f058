import assert from 'node:assert/strict';
import { test } from 'node:test';
import { judge, type Asked, type Verdict } from './guard.ts';

const host = '127.0.0.1:8001';
const usual: Asked = { isOwn: true, method: 'GET', url: '/', host };

const passed: { name: string; asked: Partial<Asked>; want: Omit<Extract<Verdict, { kind: 'forward' }>, 'kind'> }[] = [
  {
    name: 'a list',
    asked: { url: '/api/v1/pods?limit=5' },
    want: { url: '/api/v1/pods?limit=5', form: 'json', isWatch: false, isDiscreet: false },
  },
  {
    name: 'a list as a table, without the parameter that asks for it',
    asked: { url: '/apis/apps/v1/deployments?asTable=&includeObject=Object' },
    want: { url: '/apis/apps/v1/deployments?includeObject=Object', form: 'table', isWatch: false, isDiscreet: false },
  },
  {
    name: 'a watch',
    asked: { url: '/api/v1/namespaces/default/pods?watch=true&resourceVersion=7' },
    want: {
      url: '/api/v1/namespaces/default/pods?watch=true&resourceVersion=7',
      form: 'json',
      isWatch: true,
      isDiscreet: false,
    },
  },
  { name: 'one object', asked: { url: '/api/v1/nodes/one' }, want: forwarded('/api/v1/nodes/one') },
  { name: 'a namespace', asked: { url: '/api/v1/namespaces/secrets' }, want: forwarded('/api/v1/namespaces/secrets') },
  { name: 'a status', asked: { url: '/api/v1/nodes/one/status' }, want: forwarded('/api/v1/nodes/one/status') },
  { name: 'a name with colons', asked: { url: '/api/v1/nodes/a:b' }, want: forwarded('/api/v1/nodes/a:b') },
  { name: 'discovery', asked: { url: '/apis/apps/v1' }, want: forwarded('/apis/apps/v1') },
  {
    name: 'discovery of everything, in the form that has everything',
    asked: { url: '/apis' },
    want: { url: '/apis', form: 'discovery', isWatch: false, isDiscreet: false },
  },
  {
    name: 'the log of a container',
    asked: { url: '/api/v1/namespaces/a/pods/b/log?container=c&follow=true' },
    want: forwarded('/api/v1/namespaces/a/pods/b/log?container=c&follow=true'),
  },
  {
    name: 'the table of secrets, and of each its metadata only, whatever is asked for',
    asked: { url: '/api/v1/secrets?asTable=&includeObject=Object&includeObject=Object&watch=1' },
    want: { url: '/api/v1/secrets?includeObject=Metadata&watch=1', form: 'table', isWatch: true, isDiscreet: true },
  },
  {
    name: 'one secret with its values, when they are asked for',
    asked: { url: '/api/v1/namespaces/a/secrets/b?reveal=' },
    want: forwarded('/api/v1/namespaces/a/secrets/b'),
  },
  {
    name: 'a table of secrets without values, although they are asked for',
    asked: { url: '/api/v1/namespaces/a/secrets/b?reveal=&asTable=' },
    want: {
      url: '/api/v1/namespaces/a/secrets/b?includeObject=Metadata',
      form: 'table',
      isWatch: false,
      isDiscreet: true,
    },
  },
  { name: 'the version', asked: { url: '/version' }, want: forwarded('/version') },
  {
    name: 'a request of the page itself',
    asked: { url: '/version', origin: `http://${host}`, site: 'same-origin' },
    want: forwarded('/version'),
  },
  {
    name: 'localhost by name and through a forwarded port',
    asked: { url: '/version', host: 'localhost:9999', origin: 'http://localhost:9999' },
    want: forwarded('/version'),
  },
];

for (const { name, asked, want } of passed)
  test(`The dashboard's proxy passes ${name}`, () => {
    assert.deepEqual(judge({ ...usual, ...asked }), { kind: 'forward', ...want });
  });

const stopped: { name: string; asked: Partial<Asked>; code: number; message: RegExp }[] = [
  {
    name: 'a name that someone points to this machine',
    asked: { host: 'evil.example:8001' },
    code: 403,
    message: /answers to localhost, not to "evil\.example:8001"/,
  },
  {
    name: 'a name that only begins like localhost',
    asked: { host: 'localhost.evil.example' },
    code: 403,
    message: /localhost/,
  },
  {
    name: 'another user of this machine',
    asked: { isOwn: false },
    code: 403,
    message: /the user only who has started it/,
  },
  { name: 'a request without a name', asked: { host: undefined }, code: 403, message: /localhost/ },
  {
    name: 'another origin',
    asked: { url: '/api/v1/pods', origin: 'http://127.0.0.1:3000' },
    code: 403,
    message: /its own page only/,
  },
  {
    name: 'an origin that hides itself',
    asked: { url: '/api/v1/pods', origin: 'null' },
    code: 403,
    message: /own page/,
  },
  {
    name: 'a page on another port of this machine',
    asked: { url: '/api/v1/pods', site: 'same-site' },
    code: 403,
    message: /its own page only/,
  },
  { name: 'a page elsewhere', asked: { url: '/api/v1/pods', site: 'cross-site' }, code: 403, message: /own page/ },
  ...['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT'].map((method) => ({
    name: method,
    asked: { method, url: '/api/v1/namespaces/default/pods' },
    code: 405,
    message: new RegExp(`only reads: it passes no ${method}`),
  })),
  ...[
    '/api/v1/secrets',
    '/api/v1/secrets?reveal=',
    '/api/v1/namespaces/a/secrets',
    '/api/v1/namespaces/a/secrets?reveal=&watch=true',
    '/api/v1/namespaces/a/secrets/b',
    '/api/v1/namespaces/a/secrets/b?reveal=&watch=true',
    '/apis/x.io/v1/secrets',
  ].map((url) => ({ name: url, asked: { url }, code: 403, message: /passes secrets one by one/ })),
  {
    name: 'a secret by a subresource',
    asked: { url: '/api/v1/namespaces/a/secrets/b/log?reveal=' },
    code: 403,
    message: /"log"/,
  },
  {
    name: 'the log of another kind',
    asked: { url: '/apis/x.io/v1/namespaces/a/pods/b/log' },
    code: 403,
    message: /"log"/,
  },
  ...['exec', 'attach', 'portforward', 'proxy', 'proxy/a/b', 'log/a', 'ephemeralcontainers'].map((part) => ({
    name: `${part} of a pod`,
    asked: { url: `/api/v1/namespaces/a/pods/b/${part}?command=sh` },
    code: 403,
    message: new RegExp(`pods "b" is forbidden: the dashboard does not pass "${part}"`),
  })),
  { name: 'the way into a node', asked: { url: '/api/v1/nodes/a/proxy/run' }, code: 403, message: /"proxy\/run"/ },
  { name: 'tokens', asked: { url: '/api/v1/namespaces/a/serviceaccounts/b/token' }, code: 403, message: /"token"/ },
  ...[
    '/api/v1/watch/secrets',
    '/api/v1/proxy/nodes/a',
    '/api/v1/namespaces/a/./secrets',
    '/api/v1/pods/../secrets',
    '/api/v1//secrets',
    '/api/v1/%73ecrets',
    '/api/v1/namespaces/a%2Fsecrets',
    '/api\\v1',
    '/metrics',
    '/debug/pprof/heap',
    '/logs/x',
    '/configz/y',
    'http://elsewhere/api/v1/pods',
  ].map((url) => ({ name: url, asked: { url }, code: 404, message: /could not find the requested resource/ })),
];

for (const { name, asked, code, message } of stopped)
  test(`The dashboard's proxy stops ${name}`, () => {
    const verdict = judge({ ...usual, ...asked });
    assert.ok(verdict.kind === 'refused', JSON.stringify(verdict));
    assert.equal(verdict.error.code, code);
    assert.match(verdict.error.message, message);
  });

for (const [url, file] of [
  ['/', 'index.html'],
  ['/?x=1', 'index.html'],
  ['/page.js', 'page.js'],
] as const)
  test(`The dashboard's proxy answers ${url} with ${file}, wherever the link was`, () => {
    assert.deepEqual(judge({ ...usual, url, site: 'cross-site' }), { kind: 'page', file });
  });

function forwarded(url: string) {
  return { url, form: 'json' as const, isWatch: false, isDiscreet: false };
}
