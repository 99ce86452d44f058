import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isStatus } from '../../apimachinery/status.ts';
import { targetOf, type ResourceTarget } from './target.ts';

/** `verb group/version resource namespace name subresource rest`, what is empty as `-`; a page is `verb path`. */
function text(method: string, raw: string): string {
  const target = targetOf(method, raw);
  if (!target.isResource) return `${target.verb} ${target.path}`;
  const { verb, group, version, resource, namespace, name, subresource, rest, refusal } = target;
  const parts = [verb, `${group}/${version}`, resource, namespace, name, subresource, rest].map((one) => one || '-');
  return [...parts, ...(refusal === undefined ? [] : [refusal.code])].join(' ');
}

const rows: [request: string, want: string][] = [
  ['GET /', 'get /'],
  ['GET /api', 'get /api'],
  ['GET /api/v1', 'get /api/v1'],
  ['GET /apis/apps', 'get /apis/apps'],
  ['GET /apis/apps/v1/', 'get /apis/apps/v1/'],
  ['POST /healthz', 'post /healthz'],
  ['GET /api/v1/pods', 'list /v1 pods - - - -'],
  ['GET /api/v1/pods/', 'list /v1 pods - - - -'],
  ['HEAD /api/v1/pods', 'list /v1 pods - - - -'],
  ['GET /api/v1/pods?watch', 'watch /v1 pods - - - -'],
  ['GET /api/v1/pods?watch=true', 'watch /v1 pods - - - -'],
  ['GET /api/v1/pods?watch=0', 'list /v1 pods - - - -'],
  ['DELETE /api/v1/namespaces/a/pods', 'deletecollection /v1 pods a - - -'],
  ['DELETE /api/v1/namespaces/a/pods/b', 'delete /v1 pods a b - -'],
  ['PUT /apis/apps/v1/namespaces/a/deployments/b/scale', 'update apps/v1 deployments a b scale -'],
  ['GET /api/v1/namespaces', 'list /v1 namespaces - - - -'],
  ['GET /api/v1/namespaces/a', 'get /v1 namespaces a a - -'],
  ['PUT /api/v1/namespaces/a/status', 'update /v1 namespaces a a status -'],
  ['GET /api/v1/namespaces/a/b%2Fc', 'get /v1 b a c - -'],
  ['GET /api/v1/namespaces/a/pods/x%20y', 'get /v1 pods a x y - -'],
  ['GET /api/v1/nodes/n/proxy', 'get /v1 nodes - n proxy -'],
  ['GET /api/v1/nodes/n/proxy/', 'get /v1 nodes - n proxy /'],
  ['GET /api/v1/nodes/n/proxy//a/', 'get /v1 nodes - n proxy //a/'],
  ['GET /api/v1/nodes/n/proxy/a%2Fb?c', 'get /v1 nodes - n proxy /a%2Fb'],
  ['GET /api/v1/nodes/n%2Fproxy/a', 'get /v1 nodes - n proxy /a'],
  ['GET /api/v1/watch/pods', 'watch /v1 pods - - - -'],
  ['GET /api/v1/watch/namespaces/a/pods/b', 'watch /v1 pods a b - -'],
  ['GET /api/v1/watch/namespaces/a', 'watch /v1 namespaces a a - -'],
  ['GET /api/v1/watch/namespaces/a/pods/b/exec', 'watch /v1 pods a b exec - 404'],
  ['DELETE /api/v1/watch/namespaces/a/pods/b', 'watch /v1 pods a b - - 405'],
  ['GET /api/v1/watch/namespaces/a/pods/b?fieldSelector=metadata.name%3Dc', 'watch /v1 pods a b - - 400'],
  ['GET /api/v1/watch', 'list /v1 watch - - - -'],
  ['GET /api/v1//pods', 'get /v1 - - pods - - 404'],
  ['GET /api/v1/namespaces//pods', 'list /v1 pods - - - - 404'],
  ['GET /api/v1/namespaces/a/pods//log', 'list /v1 pods a - log - 404'],
  ['OPTIONS /api/v1/pods', '- /v1 pods - - - -'],
];
for (const [request, want] of rows)
  test(request, () => {
    const [method = '', raw = ''] = request.split(' ');
    assert.equal(text(method, raw), want);
  });

test('a path with an escape that is none is refused', () => {
  for (const raw of ['/api/v1/pods/%', '/api/v1/pods/%zz', '/%ff'])
    assert.throws(
      () => targetOf('GET', raw),
      (error) => isStatus(error, 'BadRequest'),
      raw,
    );
});

test('of a parameter that is given twice the first counts', () => {
  const { options, query, selectors } = targetOf(
    'GET',
    '/api/v1/pods?a=1&a=2&fieldSelector=&fieldSelector=x=y',
  ) as ResourceTarget;
  assert.deepEqual({ ...options }, { a: '1', fieldSelector: '' });
  assert.deepEqual(query.all('a'), ['1', '2']);
  assert.equal(selectors.fieldText, '');
});

test('the name in an old watch path is what the watch selects, whatever letters it has', () => {
  const { selectors, options } = targetOf('GET', '/api/v1/watch/pods/a,b%3Dc') as ResourceTarget;
  assert.equal(selectors.exactly('metadata.name'), 'a,b=c');
  assert.equal(options['fieldSelector'], selectors.fieldText);
  assert.deepEqual(selectors.fields.requirements.length, 1);
});

test('any text is a target or a bad request, and what was parsed once is parsed the same again', () => {
  const piece = fc.oneof(
    fc.constantFrom(
      'api',
      'apis',
      'v1',
      'watch',
      'namespaces',
      'pods',
      'proxy',
      'status',
      '',
      '%2F',
      '%',
      '..',
      '?',
      '&',
      '=',
    ),
    fc.string(),
  );
  const method = fc.constantFrom('GET', 'POST', 'DELETE', 'OPTIONS', 'X');
  fc.assert(
    fc.property(method, fc.array(piece, { maxLength: 9 }), (verb, pieces) => {
      const raw = `/${pieces.join('/')}`;
      try {
        assert.equal(text(verb, raw), text(verb, raw));
      } catch (error) {
        assert.ok(isStatus(error, 'BadRequest'), raw);
      }
    }),
  );
});
