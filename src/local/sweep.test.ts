import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mountsBelow } from './sweep.ts';

test('mount points below a folder are found deepest first, also with spaces', () => {
  const mountinfo = [
    '1 0 8:1 / / rw - ext4 /dev/sda rw',
    '2 1 0:5 / /run/kubeling/dev/a rw - tmpfs tmpfs rw',
    '3 2 0:6 / /run/kubeling/dev/a/with\\040space rw - tmpfs tmpfs rw',
    '4 1 0:7 / /run/kubeling/develop rw - tmpfs tmpfs rw',
  ].join('\n');
  assert.deepEqual(mountsBelow(mountinfo, ['/run/kubeling/dev']), [
    '/run/kubeling/dev/a/with space',
    '/run/kubeling/dev/a',
  ]);
});
