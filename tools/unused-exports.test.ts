import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedExports } from './unused-exports.ts';

for (const { name, files, want = [] } of [
  {
    name: 'a constant that nobody imports',
    files: { 'src/a.ts': 'export const a = 1;' },
    want: ['src/a.ts: "a" is exported, and nobody imports it'],
  },
  {
    name: 'functions, classes and generators that nobody imports',
    files: { 'src/a.ts': 'export async function a() {}\nexport class B {}\nexport function* c() {}' },
    want: ['a', 'B', 'c'].map((one) => `src/a.ts: "${one}" is exported, and nobody imports it`),
  },
  {
    name: 'one that is imported under another name, with a type beside it',
    files: { 'src/a.ts': 'export const a = 1;', 'src/b/b.ts': "import { type T, a as b } from '../a.ts';\nb;" },
  },
  {
    name: 'one that only a test imports, over several lines',
    files: { 'src/a.ts': 'export const a = 1;', 'src/a.test.ts': "import {\n  a,\n} from './a.ts';" },
  },
  {
    name: 'what is imported as a whole, or when it is needed',
    files: {
      'src/a.ts': 'export const a = 1;',
      'src/b.ts': 'export const b = 1;',
      'src/c.ts': "import * as a from './a.ts';\nconst { b } = await import('./b.ts');",
    },
  },
  {
    name: 'a re-export, which takes and offers',
    files: { 'src/a.ts': 'export const a = 1;', 'src/b.ts': "export { a as b } from './a.ts';" },
    want: ['src/b.ts: "b" is exported, and nobody imports it'],
  },
  {
    name: 'a file of the same name elsewhere',
    files: {
      'src/a.ts': 'export const a = 1;',
      'src/b/a.ts': 'export const a = 1;',
      'src/c.ts': "import { a } from './a.ts';",
    },
    want: ['src/b/a.ts: "a" is exported, and nobody imports it'],
  },
  {
    name: 'a type that its own file uses is part of what it exports',
    files: {
      'src/a.ts': 'export interface Options {}\nexport function a(options: Options) {}\nexport type Lost = 1;',
      'src/b.ts': "import { a } from './a.ts';",
    },
    want: ['src/a.ts: "Lost" is exported, and nobody imports or uses it'],
  },
  {
    name: 'comments, and programs that write programs',
    files: {
      'src/a.ts': '/*\nexport const a = 1;\n*/',
      'tools/generate/b.ts': 'const text = `\nexport const b = 1;\n`;',
    },
  },
  { name: 'what is generated', files: { 'src/api/core/v1/types.ts': 'export const Pods = 1;' } },
] as { name: string; files: Record<string, string>; want?: string[] }[]) {
  test(`${name}: ${want.length === 0 ? 'nothing to say' : `${want.length} unused`}`, () =>
    assert.deepEqual(unusedExports(new Map(Object.entries(files))), want));
}
