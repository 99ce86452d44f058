import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
/** Documents that say how things are now. Others tell of their day: what they name may be gone. */
const present = ['README.md', 'docs/*.md', 'docs/checklists/*.md'];
/** What a path in a document may be relative to. */
const folders = ['', 'src', 'src/apiserver'];

function linksIn(text: string): string[] {
  return [...text.matchAll(/\]\(([^)#\s]+)\)/g)].map((match) => match[1]!).filter((link) => !link.includes('://'));
}

/** Every file and folder that documents may name. */
const known = new Set([
  ...globSync('*', { cwd: root }),
  ...globSync('{src,test,tools,docs,facts,examples}/**/*', { cwd: root }),
]);
const baseNames = new Set([...known].map((name) => name.slice(name.lastIndexOf('/') + 1)));

/** What a document has between backticks and looks like a file of code, or like a path below a folder that is there. */
function pathsIn(text: string): string[] {
  return [...text.matchAll(/`([\w./-]+)`/g)].map((match) => match[1]!).filter(looksLikePath);
}

function looksLikePath(name: string): boolean {
  const slash = name.indexOf('/');
  return name.endsWith('.ts') || (slash > 0 && folders.some((folder) => known.has(join(folder, name.slice(0, slash)))));
}

function isThere(name: string): boolean {
  const clean = name.replace(/\/$/, '');
  if (!clean.includes('/')) return baseNames.has(clean);
  return folders.some((folder) => known.has(join(folder, clean)));
}

for (const pattern of present)
  for (const document of globSync(pattern, { cwd: root }))
    test(`every path that ${document} names is there`, () => {
      const text = readFileSync(join(root, document), 'utf8');
      assert.deepEqual(
        pathsIn(text).filter((name) => !isThere(name)),
        [],
      );
    });

for (const document of globSync(['README.md', 'docs/**/*.md'], { cwd: root }))
  test(`every link of ${document} leads somewhere`, () => {
    const text = readFileSync(join(root, document), 'utf8');
    const missing = linksIn(text).filter((link) => !existsSync(join(root, dirname(document), link)));
    assert.deepEqual(missing, []);
  });
