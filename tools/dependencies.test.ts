import assert from 'node:assert/strict';
import test from 'node:test';
import { dependencyErrors } from './dependencies.ts';

const manifest = { dependencies: { lmdb: '^3' }, devDependencies: { typescript: '^7' } };
const document = '| `lmdb` | `store` | keeps data |\n| `typescript` | | types |\n';
const storeUses = new Map([['lmdb', new Set(['store'])]]);

const cases: { name: string; use?: Map<string, Set<string>>; document?: string; error: RegExp | undefined }[] = [
  { name: 'a list that fits passes', error: undefined },
  {
    name: 'a package without a line fails',
    document: '| `lmdb` | `store` | keeps data |\n',
    error: /typescript is not in/,
  },
  {
    name: 'a line without a reason does not count',
    document: document.replace('types', ''),
    error: /typescript is not in/,
  },
  {
    name: 'a line without a package fails',
    document: `${document}| \`left\` | | why |\n`,
    error: /left is in .* and not in package.json/,
  },
  {
    name: 'a package used elsewhere fails',
    use: new Map([['lmdb', new Set(['store', 'kubelet'])]]),
    error: /imported by src\/kubelet/,
  },
  { name: 'a package that is not used any more fails', use: new Map(), error: /lmdb is not imported by src\/store/ },
  {
    name: 'a development package in src fails',
    use: new Map([...storeUses, ['typescript', new Set(['base'])]]),
    error: /typescript is imported by src\/base and is no runtime dependency/,
  },
];
for (const { name, use = storeUses, document: text = document, error } of cases) {
  test(name, () => {
    const errors = dependencyErrors(manifest, use, text);
    if (error === undefined) assert.deepEqual(errors, []);
    else assert.match(errors.join('\n'), error);
  });
}
