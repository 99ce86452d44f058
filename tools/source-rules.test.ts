import assert from 'node:assert/strict';
import test from 'node:test';
import { sourceErrors } from './source-rules.ts';

const cases: { name: string; path: string; text: string; error?: RegExp }[] = [
  {
    name: 'reading the clock by an empty date fails',
    path: 'src/dns/a.ts',
    text: 'const now = new Date();',
    error: /^src\/dns\/a\.ts:1: reads the clock/,
  },
  { name: 'a date made of a number passes', path: 'src/dns/a.ts', text: 'const then = new Date(0);' },
  { name: 'the clock itself may', path: 'src/base/node/clock.ts', text: 'const now = new Date();' },
  { name: 'a comment may', path: 'src/dns/a.ts', text: ' * not new Date()' },
  { name: 'an enum fails', path: 'src/dns/a.ts', text: 'export enum Kind {', error: /has an enum/ },
  {
    name: 'reading a query anywhere in the API server fails',
    path: 'src/apiserver/http/a.ts',
    text: "const name = new URL(path).searchParams.get('name');",
    error: /^src\/apiserver\/http\/a\.ts:1: reads a path or query/,
  },
  {
    name: 'the place of a file may',
    path: 'src/apiserver/http/a.ts',
    text: "const place = new URL('./b.ts', import.meta.url);",
  },
  { name: 'making a query may', path: 'src/apiserver/http/a.ts', text: 'const passed = new URLSearchParams();' },
  { name: 'making the target may', path: 'src/apiserver/request/a.ts', text: 'const query = parseQuery(text);' },
  {
    name: 'a hook around each test of all files fails',
    path: 'src/dns/a.test.ts',
    text: 'afterEach(() => reset());',
    error: /^src\/dns\/a\.test\.ts:1: has a hook that runs around the tests of all files/,
  },
  { name: 'one around each test of a describe may', path: 'src/dns/a.test.ts', text: '  afterEach(() => reset());' },
];
for (const { name, path, text, error } of cases) {
  test(name, () => {
    const errors = sourceErrors(new Map([[path, text]]));
    if (error === undefined) assert.deepEqual(errors, []);
    else assert.match(errors.join('\n'), error);
  });
}
