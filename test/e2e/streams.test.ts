import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { basename, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { text } from 'node:stream/consumers';
import { WebSocket } from 'ws';
import { accessOf, readKubeconfigs } from '../../src/client/node/kubeconfig.ts';
import { cannotMakeBusybox } from './busybox-image.ts';
import { cannotRunNodes } from './real-node.ts';
import { kubectls } from './kubectl-programs.ts';
import { startStreamCluster, type StreamCluster } from './stream-cluster.ts';

const skip = (await cannotRunNodes()) ?? cannotMakeBusybox() ?? false;
const programs = {
  counter: {
    command: ['/bin/sh', '-c', 'for i in $(seq 1 20); do echo line $i; done; sleep 0.3; echo oops >&2; sleep 1000000'],
  },
  cat: { command: ['/bin/cat'], stdin: true },
  web: { command: ['/bin/sh', '-c', 'echo hello > /tmp/index.html; exec httpd -f -p 7000 -h /tmp'] },
};
const large = randomBytes(50_000_000);

describe('streams between clients and containers', { skip }, () => {
  let cluster: StreamCluster;
  before(async () => void (cluster = await startStreamCluster(programs)));
  after(() => cluster?.[Symbol.asyncDispose]());

  async function run(program: string, args: readonly string[], input: Uint8Array | string = '') {
    const child = spawn(program, args, { env: { ...process.env, KUBECONFIG: cluster.kubeconfig } });
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
    return { code: code as number, stdout: Buffer.concat(chunks), stderr };
  }

  for (const kubectl of kubectls())
    describe(basename(kubectl), () => {
      test('exec keeps the output streams apart and passes the exit code on', async () => {
        const { code, stdout, stderr } = await run(kubectl, [
          'exec',
          'counter',
          '--',
          'sh',
          '-c',
          'echo out; echo err >&2; exit 3',
        ]);
        assert.deepEqual([code, stdout.toString()], [3, 'out\n']);
        assert.match(stderr, /^err\ncommand terminated with exit code 3\n$/);
      });
      test('exec carries 50 MB in and out, and ends with its input', async () => {
        const { code, stdout } = await run(kubectl, ['exec', '-i', 'counter', '--', 'cat'], large);
        assert.equal(code, 0);
        assert.ok(stdout.equals(large));
      });
      test('exec says why a program cannot be started', async () => {
        const { code, stderr } = await run(kubectl, ['exec', 'counter', '--', 'no-such-program']);
        assert.equal(code, 1);
        assert.match(
          stderr,
          /error executing command in container: .*"no-such-program": executable file not found in \$PATH/,
        );
      });
      test('cp copies in both directions', async () => {
        const [there, back] = [join(cluster.folder, 'there'), join(cluster.folder, 'back')];
        writeFileSync(there, large.subarray(0, 1_000_000));
        assert.equal((await run(kubectl, ['cp', there, 'counter:/tmp/copy'])).code, 0);
        assert.equal((await run(kubectl, ['cp', 'counter:/tmp/copy', back])).code, 0);
        assert.ok(readFileSync(back).equals(large.subarray(0, 1_000_000)));
      });
      test('attach reaches the running process', async () => {
        const child = spawn(kubectl, ['attach', '-i', 'cat'], {
          env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
        });
        child.stdin.write('hello\n');
        let seen = '';
        for await (const chunk of child.stdout) {
          seen += String(chunk);
          if (seen.includes('hello\n')) break;
        }
        assert.ok(seen.includes('hello\n'));
        child.kill('SIGKILL');
      });
      test('port-forward carries connections, one after the other', async () => {
        const child = spawn(kubectl, ['port-forward', 'web', ':7000'], {
          env: { ...process.env, KUBECONFIG: cluster.kubeconfig },
        });
        try {
          const port = await new Promise<number>((resolve) => {
            let said = '';
            child.stdout.on('data', (chunk: Buffer) => {
              said += chunk.toString();
              const found = /127\.0\.0\.1:(\d+)/.exec(said);
              if (found !== null) resolve(Number(found[1]));
            });
          });
          for (let time = 0; time < 3; time++) {
            const socket = connect(port, '127.0.0.1');
            socket.write('GET / HTTP/1.0\r\n\r\n');
            assert.match(await text(socket), /^HTTP\/1\.. 200 OK\r\n.*\r\n\r\nhello\n$/s);
          }
        } finally {
          child.kill('SIGKILL');
        }
      });
      test('logs show the end, with times, cut to size', async () => {
        const tail = await run(kubectl, ['logs', 'counter', '--tail=2']);
        assert.equal(tail.stdout.toString(), 'line 20\noops\n');
        const times = await run(kubectl, ['logs', 'counter', '--timestamps', '--limit-bytes=38']);
        assert.match(times.stdout.toString(), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z line 1\n$/);
      });
    });

  async function open(path: string, protocol: string): Promise<WebSocket> {
    const { ca, cert, key } = await accessOf(await readKubeconfigs([cluster.kubeconfig]));
    const url = `wss://127.0.0.1:${cluster.port}/api/v1/namespaces/default/pods/${path}`;
    const socket = new WebSocket(url, [protocol], { ca, cert, key } as ConstructorParameters<typeof WebSocket>[2]);
    await once(socket, 'open');
    return socket;
  }
  async function untilClosed(socket: WebSocket): Promise<Map<number, Buffer>> {
    const channels = new Map<number, Buffer>();
    socket.on('message', (data: Buffer) =>
      channels.set(data[0]!, Buffer.concat([channels.get(data[0]!) ?? Buffer.alloc(0), data.subarray(1)])),
    );
    await once(socket, 'close');
    return channels;
  }

  test('a WebSocket of version 4 gets output and the Status of success', async () => {
    const socket = await open('counter/exec?command=echo&command=hi&stdout=true&stderr=true', 'v4.channel.k8s.io');
    const channels = await untilClosed(socket);
    assert.equal(channels.get(1)?.toString(), 'hi\n');
    assert.equal(JSON.parse(channels.get(3)!.toString()).status, 'Success');
  });
  test('version 5 ends the input of a command by closing its channel', async () => {
    const socket = await open('counter/exec?command=cat&stdin=true&stdout=true', 'v5.channel.k8s.io');
    const channels = untilClosed(socket);
    socket.send(Buffer.from([0, ...Buffer.from('abc')]));
    socket.send(Buffer.from([255, 0]));
    assert.equal((await channels).get(1)?.toString(), 'abc');
  });
  test('the base64 form carries the same as text', async () => {
    const socket = await open('counter/exec?command=echo&command=hi&stdout=true', 'v4.base64.channel.k8s.io');
    const messages: string[] = [];
    socket.on('message', (data: Buffer) => messages.push(data.toString()));
    await once(socket, 'close');
    assert.ok(messages.includes(`1${Buffer.from('hi\n').toString('base64')}`));
  });
  test('a log goes over a WebSocket, as its bytes or their base64 form', async () => {
    for (const [protocol, decoded] of [
      ['binary.k8s.io', (message: Buffer) => message],
      ['base64.binary.k8s.io', (message: Buffer) => Buffer.from(message.toString(), 'base64')],
    ] as const) {
      const socket = await open('counter/log?tailLines=2', protocol);
      const messages: Buffer[] = [];
      socket.on('message', (data: Buffer) => messages.push(data));
      await once(socket, 'close');
      assert.equal(messages[0]?.length, 0);
      assert.equal(Buffer.concat(messages.map(decoded)).toString(), 'line 20\noops\n');
    }
  });
  test('the older way to forward ports carries data on the even channel, behind the number of the port', async () => {
    const socket = await open('web/portforward?ports=7000', 'v4.channel.k8s.io');
    const seen: number[] = [];
    socket.on('message', (message: Buffer) => {
      if (message[0] === 0) seen.push(...message.subarray(1));
    });
    socket.send(Buffer.from([0, ...Buffer.from('GET / HTTP/1.0\r\n\r\n')]));
    await once(socket, 'close');
    assert.deepEqual(seen.slice(0, 2), [7000 & 0xff, 7000 >> 8]);
    assert.match(Buffer.from(seen.slice(2)).toString(), /^HTTP\/1\.. 200 OK\r\n.*\r\n\r\nhello\n$/s);
  });
});
