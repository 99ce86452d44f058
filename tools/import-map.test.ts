import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { fileURLToPath } from 'node:url';
import { importMapErrors, packageUse } from './import-map/check.ts';
import { importsOf } from './import-map/imports.ts';

const program = fileURLToPath(new URL('import-map.ts', import.meta.url));

/** Runs the check, as `npm run check` does, on a repository that holds only `files`. */
function check(files: Record<string, string>): { code: number | null; output: string } {
  const root = mkdtempSync(join(tmpdir(), 'import-map-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    const { status, stderr } = spawnSync(process.execPath, [program, '--root', root], { encoding: 'utf8' });
    return { code: status, output: stderr };
  } finally {
    rmSync(root, { recursive: true });
  }
}

test('a repository that keeps to the map passes', () => {
  const files = {
    'src/base/clock.ts': 'export interface Clock {}',
    'src/store/store.ts': `import type { Clock } from '../base/clock.ts';`,
  };
  assert.deepEqual(check(files), { code: 0, output: '' });
});

test('a planted upward import fails the check', () => {
  const { code, output } = check({
    'src/base/clock.ts': `import { store } from '../store/store.ts';`,
    'src/store/store.ts': 'export const store = {};',
  });
  assert.equal(code, 1);
  assert.match(output, /^src\/base\/clock\.ts: imports \.\.\/store\/store\.ts: src\/base may import only itself$/m);
});

test('a planted file off the map fails the check', () => {
  const { code, output } = check({ 'src/helpers/strings.ts': '' });
  assert.equal(code, 1);
  assert.match(output, /^src\/helpers\/strings\.ts: is not on the map/m);
});

const cases: { name: string; files: Record<string, string>; error: RegExp | undefined }[] = [
  {
    name: 'a component may use the client',
    files: { 'src/kubelet/a.ts': `import { b } from '../client/b.ts';`, 'src/client/b.ts': '' },
    error: undefined,
  },
  {
    name: 'a component may not use another',
    files: { 'src/kubelet/a.ts': `import { b } from '../scheduler/b.ts';`, 'src/scheduler/b.ts': '' },
    error: /src\/kubelet may import only/,
  },
  {
    name: 'files with markup count too',
    files: { 'src/dashboard/a.tsx': `import { b } from '../scheduler/b.ts';`, 'src/scheduler/b.ts': '' },
    error: /src\/dashboard may import only/,
  },
  {
    name: 'importing types counts too',
    files: { 'src/api/a.ts': `import type { B } from '../client/b.ts';`, 'src/client/b.ts': '' },
    error: /src\/api may import only base, apimachinery/,
  },
  {
    name: 'importing later counts too',
    files: { 'src/api/a.ts': `const b = await import('../client/b.ts');`, 'src/client/b.ts': '' },
    error: /src\/api may import only/,
  },
  {
    name: 'handing on counts too',
    files: { 'src/api/a.ts': `export * from '../client/b.ts';`, 'src/client/b.ts': '' },
    error: /src\/api may import only/,
  },
  {
    name: 'an import over several lines is seen',
    files: { 'src/api/a.ts': `import {\n  b,\n  c,\n} from '../client/b.ts';`, 'src/client/b.ts': '' },
    error: /src\/api may import only/,
  },
  {
    name: 'main may use everything',
    files: { 'src/main/a.ts': `import { b } from '../apiserver/b.ts';`, 'src/apiserver/b.ts': '' },
    error: undefined,
  },
  {
    name: 'nobody may use main',
    files: { 'src/local/a.ts': `import { b } from '../main/b.ts';`, 'src/main/b.ts': '' },
    error: /src\/local may import only/,
  },
  {
    name: 'a lower floor uses Node under node/',
    files: { 'src/client/node/a.ts': `import { connect } from 'node:net';` },
    error: undefined,
  },
  {
    name: 'a lower floor does not use Node elsewhere',
    files: { 'src/client/a.ts': `import { connect } from 'node:net';` },
    error: /src\/client uses Node's modules only under a node\/ folder/,
  },
  {
    name: 'the old names of Node modules are known',
    files: { 'src/base/a.ts': `import fs from 'fs';` },
    error: /src\/base uses Node's modules only/,
  },
  {
    name: 'a test on a lower floor uses the test runner',
    files: { 'src/base/a.test.ts': `import test from 'node:test';` },
    error: undefined,
  },
  {
    name: 'recorded facts may be read',
    files: { 'src/api/a.ts': `import data from '../../facts/schema.json' with { type: 'json' };` },
    error: undefined,
  },
  {
    name: 'src does not use tools',
    files: { 'src/main/a.ts': `import { b } from '../../tools/b.ts';`, 'tools/b.ts': '' },
    error: /it is outside src/,
  },
  {
    name: 'families of controllers do not see each other',
    files: { 'src/controllers/a/x.ts': `import { y } from '../b/y.ts';`, 'src/controllers/b/y.ts': '' },
    error: /the folders of src\/controllers do not see each other/,
  },
  {
    name: 'the list of controllers sees all families',
    files: { 'src/controllers/list.ts': `import { y } from './b/y.ts';`, 'src/controllers/b/y.ts': '' },
    error: undefined,
  },
  {
    name: 'scheduler plugins do not see each other',
    files: {
      'src/scheduler/plugins/a.ts': `import { b } from './b.ts';\nexport const a: SchedulerPlugin = {};`,
      'src/scheduler/plugins/b.ts': 'export const b: SchedulerPlugin<number> = {};',
    },
    error: /scheduler plugins do not see each other/,
  },
  {
    name: 'the list of plugins, and a part of one, are no plugins',
    files: {
      'src/scheduler/plugins/list.ts': `import { a } from './a.ts';`,
      'src/scheduler/plugins/a.ts': `import { b } from './b.ts';\nexport const a: SchedulerPlugin = {};`,
      'src/scheduler/plugins/b.ts': 'export function b(): void {}',
    },
    error: undefined,
  },
  {
    name: 'files do not import each other in a circle',
    files: { 'src/base/a.ts': `import { b } from './b.ts';`, 'src/base/b.ts': `import { a } from './a.ts';` },
    error: /is in a circle of imports: src\/base\/a\.ts → src\/base\/b\.ts → src\/base\/a\.ts/,
  },
  {
    name: 'types may refer to each other',
    files: { 'src/base/a.ts': `import { b } from './b.ts';`, 'src/base/b.ts': `import { type A } from './a.ts';` },
    error: undefined,
  },
  { name: 'test has its folders', files: { 'test/more/a.ts': '' }, error: /test holds kit, integration/ },
];
for (const { name, files, error } of cases) {
  test(name, () => {
    const errors = importMapErrors(new Map(Object.entries(files)));
    if (error === undefined) assert.deepEqual(errors, []);
    else assert.match(errors.join('\n'), error);
  });
}

test('comments may speak of imports', () => {
  assert.deepEqual(importsOf(`// import a from 'a';\n/** import b from 'b'; */\nimport c from 'c';`), [
    { specifier: 'c', typeOnly: false },
  ]);
});

const texts: [text: string, specifiers: string[]][] = [
  [`import 'a';`, ['a']],
  [`import a, { b } from 'a';`, ['a']],
  [`import * as a from 'a';`, ['a']],
  [`import type { A } from 'a';\nimport { type B, c } from 'b';`, ['a', 'b']],
  [`export { a } from 'a';\nexport type { B } from 'b';\nexport * as c from 'c';`, ['a', 'b', 'c']],
  [`import data from 'a' with { type: 'json' };`, ['a']],
  [`import type from 'a';`, ['a']],
  [`export interface Status { kind: 'Status' }`, []],
  [`export type Kind =\n  | 'a'\n  | 'b';`, []],
  [`export {};\nconst b = 'b';`, []],
  [`export function read(from: 'a'): void {}`, []],
];
for (const [text, specifiers] of texts) {
  test(`${JSON.stringify(text)} imports ${specifiers.join(' and ') || 'nothing'}`, () => {
    assert.deepEqual(
      importsOf(text).map(({ specifier }) => specifier),
      specifiers,
    );
  });
}

test('packages are counted by the folders that use them outside tests', () => {
  const use = packageUse(
    new Map([
      ['src/kubelet/a.ts', `import { credentials } from '@grpc/grpc-js/build';`],
      ['src/kubelet/a.test.ts', `import fc from 'fast-check';`],
    ]),
  );
  assert.deepEqual([...use], [['@grpc/grpc-js', new Set(['kubelet'])]]);
});
