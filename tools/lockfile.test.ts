import assert from 'node:assert/strict';
import test from 'node:test';
import { completeLockfile, registriesIn, type Lockfile } from './lockfile.ts';

test('platform packages that are missing are added with their platform', () => {
  const lockfile: Lockfile = {
    packages: {
      '': { version: '1.0.0' },
      'node_modules/tool': {
        version: '2.0.0',
        dev: true,
        optionalDependencies: {
          '@tool/linux-x64': '2.0.0',
          '@tool/darwin-arm64': '2.0.0',
          '@tool/linux-x64-musl': '2.0.0',
        },
      },
      'node_modules/@tool/linux-x64': { version: '2.0.0' },
    },
  };
  assert.deepEqual(completeLockfile(lockfile), ['@tool/darwin-arm64@2.0.0', '@tool/linux-x64-musl@2.0.0']);
  assert.deepEqual(lockfile.packages['node_modules/@tool/darwin-arm64'], {
    version: '2.0.0',
    cpu: ['arm64'],
    os: ['darwin'],
    dev: true,
    optional: true,
  });
  assert.deepEqual(lockfile.packages['node_modules/@tool/linux-x64-musl']?.libc, ['musl']);
  assert.deepEqual(completeLockfile(lockfile), []);
});

test('a package further up is found', () => {
  const packages = {
    'node_modules/a/node_modules/b': { optionalDependencies: { 'c-linux-x64': '1.0.0' } },
    'node_modules/a/node_modules/c-linux-x64': { version: '1.0.0' },
  };
  assert.deepEqual(completeLockfile({ packages }), []);
});

test('a registry in the lockfile is named', () => {
  const packages = { a: { resolved: 'https://mirror.example.com/a.tgz' }, b: { version: '1.0.0' } };
  assert.deepEqual(registriesIn({ packages }), ['mirror.example.com']);
});
