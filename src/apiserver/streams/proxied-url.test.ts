import assert from 'node:assert/strict';
import { test } from 'node:test';
import { proxiedUrl } from './proxied-url.ts';

const prefix = '/api/v1/namespaces/a/pods/b:80/proxy';
const place = { prefix, backend: '10.244.0.5:80', clientHost: 'localhost:8001' };

const rows: Record<string, string> = {
  '/': `${prefix}/`,
  '/x': `${prefix}/x`,
  '/x/y/?a=/b#/c': `${prefix}/x/y/?a=/b#/c`,
  '//10.244.0.5:80/x': `${prefix}/x`,
  'http://10.244.0.5:80/x/': `${prefix}/x/`,
  'http://localhost:8001/x': `http://localhost:8001${prefix}/x`,
  '//localhost:8001/x': `//localhost:8001${prefix}/x`,
  [`${prefix}/x`]: `${prefix}/x`,
  [`http://10.244.0.5:80${prefix}/x`]: `${prefix}/x`,
  [`${prefix}x`]: `${prefix}${prefix}x`,
  '/../../../secrets/./x': `${prefix}/secrets/x`,
  '/a//b/..': `${prefix}/a/`,
  '/ä b%2Fc': `${prefix}/%C3%A4%20b%2Fc`,
  '/"><script>': `${prefix}/%22%3E%3Cscript%3E`,
};
for (const [url, want] of Object.entries(rows))
  test(`${url} is asked for as ${want}`, () => assert.equal(proxiedUrl(url, place), want));

for (const url of ['', 'x', './x', '../x', '?a', '#a', 'http://elsewhere/x', '//elsewhere/x', 'http://10.244.0.5/x'])
  test(`"${url}" stays as it is`, () => assert.equal(proxiedUrl(url, place), url));
for (const url of ['javascript:alert(1)', 'mailto:/x', 'data:text/html,/x', '/%zz', '/a\nb', 'http://10.244.0.5:80'])
  test(`${JSON.stringify(url)} stays as it is`, () => assert.equal(proxiedUrl(url, place), url));
