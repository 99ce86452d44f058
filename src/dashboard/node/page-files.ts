import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A file of the page, ready to be sent. */
export interface PageFile {
  readonly type: string;
  readonly content: string | Uint8Array;
}

const folder = join(import.meta.dirname, '../page');

const types = {
  html: 'text/html; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
};

/**
 * The page as a browser loads it, by file name. It is bundled in memory at each start, which takes a tenth of a second:
 * so it is always that of the sources, and there is nothing to keep or to forget. `cluster` is what the page calls it.
 */
export async function bundlePage(cluster: string): Promise<Map<string, PageFile>> {
  const bundling = build({
    entryPoints: { page: join(folder, 'main.tsx'), style: join(folder, 'style.css') },
    outdir: '/',
    write: false,
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    logLevel: 'silent',
  });
  const html = await readFile(join(folder, 'index.html'), 'utf8');
  const { outputFiles } = await bundling;
  const files = new Map<string, PageFile>([
    ['index.html', { type: types.html, content: html.replaceAll('{{cluster}}', escapeHtml(cluster)) }],
    ['icon.svg', { type: types.svg, content: await readFile(join(folder, 'icon.svg')) }],
  ]);
  for (const { path, contents } of outputFiles) {
    const name = path.slice(path.lastIndexOf('/') + 1);
    files.set(name, { type: types[name.endsWith('.css') ? 'css' : 'js'], content: contents });
  }
  return files;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
