import assert from 'node:assert/strict';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import { ownUsers, peerUser, peerUserIn } from './peer-user.ts';

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 21 1 0 100 0 0 10 0
   1: 0100007F:1F41 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 22 1 0 20 4 30 10 -1
   2: 0100007F:C001 0100007F:1F41 01 00000000:00000000 00:00000000 00000000  1001        0 23 1 0 20 4 30 10 -1
   3: 0100007F:C002 0100007F:1F41 06 00000000:00000000 03:000006BE 00000000     0        0 0 3 0
   4: 0200007F:C003 0100007F:1F41 01 00000000:00000000 00:00000000 00000000     0        0 24 1 0 20 4 30 10 -1
`;
const mapped = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:C004 0000000000000000FFFF00000100007F:1F41 01 00000000:00000000 00:00000000 00000000  1002        0 25 1 0 20 4 30 10 -1
`;
const users: [what: string, table: string, from: number, want: number | undefined][] = [
  ['holds the other end, not ours', table, 0xc001, 1001],
  ['has gone already: nobody', table, 0xc002, undefined],
  ['comes from another address: nobody', table, 0xc003, undefined],
  ['is not there: nobody', table, 0xc009, undefined],
  ['speaks IPv4 over IPv6', mapped, 0xc004, 1002],
];
for (const [what, text, from, want] of users)
  test(`a connection's user is who ${what}`, () => assert.equal(peerUserIn(text, { from, to: 8001 }), want));

test('a connection of this process is one of its user', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const socket = await accepted;
  assert.equal(await peerUser(socket), process.getuid!());
  client.destroy();
  socket.destroy();
  server.close();
});

for (const [who, user, want] of [
  ['a user', { uid: 1000 }, [0, 1000]],
  ['a user who has become another one', { uid: 1000, sudoUid: '1001' }, [0, 1000]],
  ['root', { uid: 0 }, [0]],
  ['root for a user', { uid: 0, sudoUid: '1000' }, [0, 1000]],
  ['root with a broken environment', { uid: 0, sudoUid: 'x' }, [0]],
] as const)
  test(`what ${who} serves is for ${want.join(' and ')}`, () => assert.deepEqual([...ownUsers(user)], want));
