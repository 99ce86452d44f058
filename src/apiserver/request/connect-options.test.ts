import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectOptions } from './connect-options.ts';
import { parseQuery } from './query.ts';

const rows: readonly (readonly [title: string, kind: string, query: string, rest: string, options: object])[] = [
  [
    'an attachment has its streams and its container',
    'PodAttachOptions',
    'stdin=true&stderr=0&tty=False&container=main&command=ls',
    '',
    { stdin: true, container: 'main' },
  ],
  [
    'a command has an argument for each time it is given, in order',
    'PodExecOptions',
    'command=sh&command=-c&stdout=1&command=',
    '',
    { stdout: true, command: ['sh', '-c', ''] },
  ],
  ['an empty flag is set', 'PodExecOptions', 'tty=', '', { tty: true }],
  [
    'ports come one by one or together',
    'PodPortForwardOptions',
    'ports=80,443&ports=8080',
    '',
    { ports: [80, 443, 8080] },
  ],
  ['a proxy has the path behind it, as it is read', 'ServiceProxyOptions', 'path=/x', '/a%20b/', { path: '/a b/' }],
  ['a proxy of the root has none', 'NodeProxyOptions', '', '', {}],
];

describe('the options of a connection', () => {
  for (const [title, kind, query, rest, options] of rows)
    test(title, () => {
      const made = connectOptions(kind, { query: parseQuery(query), rest });
      assert.deepEqual({ ...made }, { kind, apiVersion: 'v1', ...options });
    });

  for (const [ports, why] of [
    ['http', 'parsing "http": invalid syntax'],
    ['80,', 'parsing "": invalid syntax'],
    ['65536', 'parsing "65536": value out of range'],
  ])
    test(`ports "${ports}" are refused`, () => {
      assert.throws(() => connectOptions('PodPortForwardOptions', { query: parseQuery(`ports=${ports}`), rest: '' }), {
        message: `cannot convert to []int32: strconv.ParseUint: ${why}`,
      });
    });
});
