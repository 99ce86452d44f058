import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isInstalled, type Lockfile } from './installed.ts';

const lock: Lockfile = {
  packages: {
    '': { version: '1.0.0' },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/only-elsewhere': { version: '2.0.0', integrity: 'sha512-b', optional: true },
  },
};
const a = { version: '1.0.0', integrity: 'sha512-a' };

const rows: readonly (readonly [what: string, installed: Lockfile, fits: boolean])[] = [
  ['all but what is for other machines', { packages: { 'node_modules/a': a } }, true],
  ['more than is asked for', { packages: { 'node_modules/a': a, 'node_modules/more': a } }, true],
  ['nothing', {}, false],
  ['another version', { packages: { 'node_modules/a': { ...a, version: '1.0.1' } } }, false],
  ['other content', { packages: { 'node_modules/a': { ...a, integrity: 'sha512-c' } } }, false],
];
for (const [what, installed, fits] of rows)
  test(`an installation of ${what} is ${fits ? 'taken' : 'made anew'}`, () =>
    assert.equal(isInstalled(lock, installed), fits));
