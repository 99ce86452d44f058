import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ingress } from '../../api/networking/v1/types.ts';
import { planRoutes } from '../routes/plan-routes.ts';
import { makeIngress, makeObjects, makePath, makeRule } from '../testing.ts';
import { configurationOf } from './configuration.ts';
import { nginxFolder } from './folder.ts';
import { ingressOfLine } from './owners.ts';

const settings = {
  folder: nginxFolder('/run/x'),
  scripts: 's1',
  modules: '/usr/lib/nginx/modules',
  workerUser: 'www-data',
  workers: 2,
  address: '0.0.0.0',
  httpPort: 80,
  httpsPort: 443,
  defaultCertificate: 'd0',
};
const annotation = (name: string) => `nginx.ingress.kubernetes.io/${name}`;

function configurationFor(...ingresses: Ingress[]) {
  return configurationOf(planRoutes(makeObjects(ingresses)), settings);
}

/** The `server` of a host without its indentation's first step. */
function server(name: string, ...ingresses: Ingress[]): string {
  const { text } = configurationFor(...ingresses);
  const found = text.split(/^  server \{$/m).find((part) => part.includes(`server_name ${name};`));
  assert.ok(found !== undefined, `there is a server for ${name}`);
  return found.slice(0, found.indexOf('\n  }\n')).replace(/^ {4}/gm, '').trim();
}

test('a host is a server with locations for its paths', () => {
  const rules = [makeRule('x.com', makePath('/', 'web'), makePath('/api', 'a'), makePath('/api/exact/', 'b', 'Exact'))];
  assert.equal(
    server('"x.com"', makeIngress('one', { rules })),
    `
listen 0.0.0.0:80;
listen 0.0.0.0:443 ssl http2;
server_name "x.com";
location = "/api/exact/" { # Ingress shop/one
  set $backend_d0 "shop/b:80";
  break;
  proxy_pass http://kubernetes;
}
location = "/api" { # Ingress shop/one
  set $backend_d0 "shop/a:80";
  break;
  proxy_pass http://kubernetes;
}
location "/api/" { # Ingress shop/one
  set $backend_d0 "shop/a:80";
  break;
  proxy_pass http://kubernetes;
}
location / { # Ingress shop/one
  set $backend_d0 "shop/web:80";
  break;
  proxy_pass http://kubernetes;
}
location = "/api/exact" { # Ingress shop/one
  set $backend_d0 "shop/a:80";
  break;
  proxy_pass http://kubernetes;
}`.trim(),
  );
});

test('annotations become directives of the location', () => {
  const annotations = {
    [annotation('rate-limit')]: '100',
    [annotation('force-ssl-redirect')]: 'true',
    [annotation('rewrite-target')]: '/$2',
    [annotation('backend-protocol')]: 'HTTPS',
    [annotation('proxy-body-size')]: '8m',
    [annotation('proxy-read-timeout')]: '3600',
  };
  const rules = [makeRule('x.com', makePath('/app(/|$)(.*)', 'a', 'ImplementationSpecific'))];
  const ingress = makeIngress('one', { rules }, annotations);
  assert.equal(
    server('"x.com"', ingress),
    `
listen 0.0.0.0:80;
listen 0.0.0.0:443 ssl http2;
server_name "x.com";
location ~* "^/app(/|$)(.*)" { # Ingress shop/one
  if ($scheme = http) { return 308 https://$host$request_uri; }
  limit_req zone=second_shop/one burst=500 nodelay;
  client_max_body_size 8m;
  proxy_read_timeout 3600s;
  rewrite "(?i)^/app(/|$)(.*)" "/$2";
  set $backend_d0 "shop/a:80";
  break;
  proxy_pass https://kubernetes_tls;
}
location / {
  return 404;
}`.trim(),
  );
  assert.match(
    configurationFor(ingress).text,
    /^  limit_req_zone \$binary_remote_addr zone=second_shop\/one:5m rate=100r\/s; # Ingress shop\/one$/m,
  );
});

test('a wildcard stands for one label', () => {
  const name = '"~^[^.]+\\\\.x\\\\.com$"';
  assert.match(server(name, makeIngress('one', { rules: [makeRule('*.x.com', makePath('/', 'a'))] })), /shop\/a:80/);
});

test('without Ingresses all is answered with 404, under the default certificate', () => {
  const { text } = configurationFor();
  assert.match(text, /ssl_certificate "\/run\/x\/certificates\/d0.crt";/);
  assert.match(server('_'), /listen 0.0.0.0:443 default_server ssl http2;\n[^]*location \/ \{\n  return 404;\n\}$/);
});

test('equal routes give an equal text with an equal name, others another one', () => {
  const one = makeIngress('one', { rules: [makeRule('x.com', makePath('/', 'a'))] });
  const two = makeIngress('two', { rules: [makeRule('y.com', makePath('/', 'a'))] });
  assert.deepEqual(configurationFor(one, two), configurationFor(two, one));
  assert.notEqual(configurationFor(one).generation, configurationFor(two).generation);
  assert.ok(configurationFor(one).text.includes(`return 200 "${configurationFor(one).generation}"`));
});

test('a path that is named as one of our marks stays what it is, and nginx still tells its generation', () => {
  const path = '/GENERATION';
  const { text, generation } = configurationFor(
    makeIngress('one', { rules: [makeRule('x.com', makePath(path, 'a'))] }),
  );
  assert.ok(text.includes(`location = "${path}" {`));
  assert.ok(text.includes(`return 200 "${generation}"`));
});

test('each line of a location is laid to its Ingress, and no other line to any', () => {
  const ingresses = ['one', 'two'].map((name) =>
    makeIngress(name, { rules: [makeRule(`${name}.com`, makePath('/', 'a'))] }),
  );
  const { text } = configurationFor(...ingresses);
  const owners = text.split('\n').map((line, index) => [line.trim(), ingressOfLine(text, index + 1)]);
  const owned = owners.filter(([, owner]) => owner !== undefined);
  assert.deepEqual(
    owned.filter(([line]) => /set|proxy_pass/.test(line!)).map(([, owner]) => owner),
    ['shop/one', 'shop/one', 'shop/two', 'shop/two'],
  );
  for (const [line, owner] of owners) if (/listen|server_name/.test(line!)) assert.equal(owner, undefined, line);
});

/** Texts that mean something to nginx; each tries to end what it is in and to begin something else. */
const hostile = [
  '"; } } evil on; {',
  "'; } evil {",
  '\\"; } evil {',
  '\\',
  '$http_cookie',
  '#evil',
  '{evil}',
  ' evil;',
  '%',
  '🦄',
];

test('no path changes anything but its own location, as a path or as an expression', () => {
  for (const annotations of [{}, { [annotation('rewrite-target')]: '/$1' }])
    for (const pathType of ['Exact', 'Prefix', 'ImplementationSpecific'] as const) {
      const directives = (path: string) => {
        const { servers, ...others } = planRoutes(
          makeObjects([makeIngress('one', { rules: [makeRule('x.com', makePath(path, 'a', pathType))] }, annotations)]),
        );
        return {
          names: skeleton(configurationOf({ servers, ...others }, settings).text),
          count: servers.at(-1)!.locations.length,
        };
      };
      const plain = directives('/a');
      for (const text of hostile) {
        const { names, count } = directives(`/a${text}`);
        // What is no regular expression is no location at all.
        if (count > 0) assert.deepEqual(names, plain.names, `/a${text}`);
      }
    }
});

test('no annotation changes anything but its own directive', () => {
  for (const name of ['rewrite-target', 'proxy-body-size', 'proxy-read-timeout', 'rate-limit', 'backend-protocol'])
    for (const text of hostile) {
      const spec = { rules: [makeRule('x.com', makePath('/a', 'a', 'Exact'))] };
      const directives = skeleton(configurationFor(makeIngress('one', spec, { [annotation(name)]: `/${text}` })).text);
      const plain = skeleton(configurationFor(makeIngress('one', spec)).text);
      assert.deepEqual(
        directives.filter((one) => one !== 'rewrite'),
        plain,
        `${name}: ${text}`,
      );
    }
});

/** The names of all directives and the ends of all blocks, read as nginx reads them. */
function skeleton(text: string): string[] {
  const found: string[] = [];
  let isFirst = true;
  for (const [token] of text.matchAll(/#[^\n]*|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|[;{}]|[^\s;{}"'#]+/g)) {
    if (token.startsWith('#')) continue;
    if (token === '}') found.push(token);
    else if (isFirst && !/^[;{]$/.test(token)) found.push(token);
    isFirst = /^[;{}]$/.test(token);
  }
  return found;
}
