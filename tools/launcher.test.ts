import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { nodeFlags } from '../src/local/programs.ts';

const launcher = fileURLToPath(new URL('../kubeling', import.meta.url));

/** A copy of the launcher with programs that only say what they are asked, and that the test can look at. */
class Sandbox implements Disposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  readonly root = join(this.#folder, 'repository');
  readonly #bin = join(this.#folder, 'bin');

  constructor() {
    mkdirSync(this.#bin);
    mkdirSync(this.root);
    copyFileSync(launcher, join(this.root, 'kubeling'));
    for (const tool of ['readlink', 'dirname', 'cmp', 'cp', 'grep', 'mkdir', 'cat', 'chmod', 'sh']) {
      const found = spawnSync('sh', ['-c', `command -v ${tool}`], { encoding: 'utf8' }).stdout.trim();
      symlinkSync(found, join(this.#bin, tool));
    }
  }

  file(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  /** A shell script on the path. */
  program(name: string, script: string): void {
    const file = join(this.#bin, name);
    writeFileSync(file, `#!/bin/sh\n${script}\n`);
    chmodSync(file, 0o755);
  }

  /** An npm that installs a Node which prints its arguments; asked what is installed, it compares the files. */
  npm(): void {
    const cases = ['--version) echo v24.1.0', '*/installed.ts) cmp -s "$2" "$3"', '*) echo run "$@"'].join(' ;; ');
    const node = `#!/bin/sh\\ncase "$1" in ${cases} ;; esac\\n`;
    this.program(
      'npm',
      `echo npm "$@"
mkdir -p node_modules/.bin
printf '${node}' > node_modules/.bin/node
chmod +x node_modules/.bin/node
cp package-lock.json node_modules/.package-lock.json`,
    );
  }

  run(...words: string[]): { code: number | null; out: string; error: string } {
    const { status, stdout, stderr } = spawnSync(join(this.root, 'kubeling'), words, {
      encoding: 'utf8',
      env: { PATH: this.#bin },
      cwd: tmpdir(),
    });
    return { code: status, out: stdout, error: stderr };
  }

  [Symbol.dispose](): void {
    rmSync(this.#folder, { recursive: true });
  }
}

test('dependencies are installed once, and again when the lockfile changes', () => {
  using sandbox = new Sandbox();
  sandbox.file('package-lock.json', '{}');
  sandbox.npm();
  const first = sandbox.run('up', '--name', 'a b');
  assert.deepEqual(
    [first.code, first.out],
    [0, `run ${nodeFlags.join(' ')} ${sandbox.root}/src/main/cli.ts up --name a b\n`],
  );
  assert.match(first.error, /installing dependencies[^]*npm ci /);
  assert.equal(sandbox.run('list').error, '');
  sandbox.file('package-lock.json', '{ "changed": true }');
  assert.match(sandbox.run('list').error, /npm ci /);
  assert.equal(sandbox.run('list').error, '');
});

test('dependencies that someone else installed are taken', () => {
  using sandbox = new Sandbox();
  sandbox.npm();
  sandbox.file('package-lock.json', '{}');
  sandbox.run('list');
  rmSync(join(sandbox.root, 'node_modules/.kubeling-package-lock.json'));
  assert.equal(sandbox.run('list').error, '');
  assert.ok(existsSync(join(sandbox.root, 'node_modules/.kubeling-package-lock.json')));
});

test('dependencies that fit are taken, however old they are', () => {
  using sandbox = new Sandbox();
  sandbox.npm();
  sandbox.file('package-lock.json', '{}');
  sandbox.run('list');
  rmSync(join(sandbox.root, 'node_modules/.kubeling-package-lock.json'));
  utimesSync(join(sandbox.root, 'node_modules/.package-lock.json'), 1, 1);
  assert.equal(sandbox.run('list').error, '');
});

test('under running programs of this checkout nothing is installed, and commands go on', async () => {
  using sandbox = new Sandbox();
  sandbox.npm();
  sandbox.file('package-lock.json', '{}');
  sandbox.run('list');
  const running = spawn('sleep', ['1000'], { argv0: join(sandbox.root, 'src/main/program.ts'), stdio: 'ignore' });
  try {
    await once(running, 'spawn');
    sandbox.file('package-lock.json', '{ "changed": true }');
    for (let time = 0; time < 2; time++) {
      const { code, out, error } = sandbox.run('list');
      assert.deepEqual([code, out.endsWith('cli.ts list\n')], [0, true]);
      assert.match(error, /^kubeling: package-lock\.json has changed, and programs of this checkout run: [^]*stop"\n$/);
    }
  } finally {
    running.kill('SIGKILL');
    await once(running, 'exit');
  }
  assert.match(sandbox.run('list').error, /npm ci /);
});

test('without npm it says what to install', () => {
  using sandbox = new Sandbox();
  sandbox.file('package-lock.json', '{}');
  const { code, error } = sandbox.run('list');
  assert.equal(code, 1);
  assert.equal(
    error,
    'kubeling: npm is not installed: install Node.js with npm (https://nodejs.org), then run this again\n',
  );
});

test('a failing install is not taken for a good one', () => {
  using sandbox = new Sandbox();
  sandbox.file('package-lock.json', '{}');
  sandbox.program('npm', 'echo no registry; exit 1');
  const { code, error } = sandbox.run('list');
  assert.equal(code, 1);
  assert.match(error, /no registry\nkubeling: npm ci failed/);
});

test('a published package runs with a new enough Node of the machine', () => {
  using sandbox = new Sandbox();
  sandbox.program('node', '[ "$1" = --version ] && echo v25.0.0 || echo run "$@"');
  assert.deepEqual(sandbox.run('list'), {
    code: 0,
    out: `run ${nodeFlags.join(' ')} ${sandbox.root}/src/main/cli.ts list\n`,
    error: '',
  });
});

test('an old Node of the machine is refused by its version', () => {
  using sandbox = new Sandbox();
  sandbox.program('node', 'echo v20.20.2');
  const { code, error } = sandbox.run('list');
  assert.equal(code, 1);
  assert.match(error, /^kubeling: Node\.js 24 or newer is needed, and .*node is v20\.20\.2\n$/);
});
