import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { saveFromDocker } from './docker-images.ts';

/** A Docker that knows one image, as far as it is asked here. */
const program = `#!/bin/sh
for last; do :; done
[ "$last" = web:1 ] || { echo "Error: No such image: $last" >&2; exit 1; }
[ "$1" = image ] || echo "$@" > "$3"
`;

test('images of Docker are saved for as long as they are used, and one that it has not is named', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'docker-'));
  const { PATH } = process.env;
  t.after(() => {
    process.env.PATH = PATH;
    rmSync(folder, { recursive: true });
  });
  writeFileSync(join(folder, 'docker'), program, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
  let file: string;
  {
    await using saved = await saveFromDocker(['web:1']);
    file = saved.file;
    assert.equal(readFileSync(file, 'utf8'), `save --output ${file} web:1\n`);
  }
  assert.equal(existsSync(file), false);
  await assert.rejects(saveFromDocker(['web:1', 'none:2']), {
    name: 'UserError',
    message: /^Cannot take image "none:2" from Docker: Error: No such image: none:2; an archive/,
  });
});
