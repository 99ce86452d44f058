import { join } from 'node:path';
import { describe, test } from 'node:test';
import { systemClock } from '../../src/base/system-clock.ts';
import { describeRuntimeContract } from '../../src/kubelet/runtime/contract.ts';
import { loadImages } from '../../src/local/images.ts';
import { cannotMakeBusybox, writeBusyboxImage } from './busybox-image.ts';
import { cannotRunNodes, startRealNode } from './real-node.ts';

const skip = (await cannotRunNodes()) ?? cannotMakeBusybox();

if (skip !== undefined) describe('containerd', () => void test('keeps the runtime contract', { skip }, () => {}));
else
  describeRuntimeContract('containerd', async () => {
    const node = await startRealNode('contract');
    const archive = join(node.folder, 'busybox.tar');
    writeBusyboxImage(archive, 'kubeling-test/busybox:1');
    await loadImages(node.paths.containerdSocket, archive);
    const shell = (script: string) => ({ image: 'kubeling-test/busybox:1', command: ['/bin/sh', '-c', script] });
    return {
      runtime: node.runtime,
      untilTerminated: shell('trap "exit 7" TERM; : > /ready; while :; do sleep 0.05; done'),
      stubborn: shell('trap "" TERM; while :; do sleep 0.05; done'),
      exitsWithThree: shell('exit 3'),
      missing: { image: 'kubeling-test/busybox:1', command: ['no-such-program'] },
      exec: {
        isReady: ['/bin/sh', '-c', 'test -e /ready'],
        exitsWithThree: ['/bin/sh', '-c', 'echo out; echo err >&2; exit 3'],
        slow: ['/bin/sleep', '60'],
        missing: ['no-such-program'],
      },
      cgroupParent: node.cgroup,
      logDirectory: join(node.folder, 'pod-logs'),
      settle: () => systemClock.sleep(20),
      [Symbol.asyncDispose]: () => node[Symbol.asyncDispose](),
    };
  });
