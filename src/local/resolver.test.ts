import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseResolver } from './resolver.ts';

const rows = [
  { name: 'with real name servers', usual: 'nameserver 10.0.0.53\n', behind: '', want: { file: '/etc/resolv.conf' } },
  {
    name: 'with systemd-resolved',
    usual: '# stub\nnameserver 127.0.0.53\noptions edns0\n',
    behind: 'nameserver fd00::1\nnameserver 192.168.1.1\nnameserver 8.8.8.8\n',
    want: { file: '/run/systemd/resolve/resolv.conf', redirect: { from: '127.0.0.53', upstream: '192.168.1.1' } },
  },
  {
    name: 'with a local server of which nothing is known',
    usual: 'nameserver 127.0.0.1\n',
    behind: '',
    want: { file: '/etc/resolv.conf' },
  },
  { name: 'without any', usual: '', behind: '', want: { file: '/etc/resolv.conf' } },
];
for (const { name, usual, behind, want } of rows)
  test(`a machine ${name}`, () => assert.deepEqual(chooseResolver(usual, behind), want));
