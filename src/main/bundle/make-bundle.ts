import { build, type Plugin } from 'esbuild';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleKey, bundlesFolder, contentsFile, digestOf, entryFile, findBundle, isOurs } from './find-bundle.ts';
import { removeOldBundles } from './old-bundles.ts';

/** What loads native code, or files beside its own, stays where it is installed. */
const external = ['lmdb', 'esbuild'];

/** Packages that are CommonJS ask for Node's modules by `require`, which modules do not have. The place is the bundle's. */
const banner = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta['url']);`;

/**
 * Makes the programs' bundle where it is missing: a few files instead of a thousand, without types and comments, which
 * load in half the time and leave less in memory. Names stay as they are, so stacks say where they are. Answers whether
 * there is one now; without it programs run from their sources. `root`: the folder of the checkout.
 */
export async function makeBundle(root: string): Promise<boolean> {
  const key = bundleKey(root);
  const bundles = bundlesFolder(root);
  const folder = join(bundles, key);
  if (findBundle(folder) !== undefined) return true;
  const files = await bundle(root);
  if (bundleKey(root) !== key) return false; // someone writes the sources: nobody knows which of them were read
  await mkdir(dirname(bundles), { recursive: true });
  await mkdir(bundles, { recursive: true, mode: 0o700 });
  if (!isOurs(bundles)) return false; // another's link may lead to folders that would be taken for old bundles
  const made = await mkdtemp(join(bundles, 'making-')); // for its owner alone
  try {
    const contents: Record<string, string> = {};
    for (const [name, bytes] of files) {
      contents[name] = digestOf(bytes);
      await writeFile(join(made, name), bytes, { mode: 0o600 });
    }
    await writeFile(join(made, contentsFile), JSON.stringify(contents), { mode: 0o600 });
    await place(made, folder);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  await removeOldBundles(bundles);
  return findBundle(folder) !== undefined;
}

/** Puts it where it belongs, except where another command was quicker: that one's may be running. */
async function place(made: string, folder: string): Promise<void> {
  try {
    await rename(made, folder);
  } catch {
    if (findBundle(folder) !== undefined) return;
    await rm(folder, { recursive: true, force: true }); // broken, or another's
    await rename(made, folder);
  }
}

async function bundle(root: string): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: { [basename(entryFile, '.mjs')]: join(root, 'src/main/cli.ts') },
    outdir: '/',
    outExtension: { '.js': '.mjs' },
    write: false,
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: `node${process.versions.node}`,
    tsconfigRaw: {},
    legalComments: 'none',
    external,
    banner: { js: banner },
    plugins: [placesOfSources(root)],
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, contents }) => [relative('/', path), contents]));
}

/** What a source says of its own place stays true: it reads files beside it, and starts threads and programs from there. */
function placesOfSources(root: string): Plugin {
  return {
    name: 'places of sources',
    setup({ onLoad }) {
      onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (!path.startsWith(join(root, 'src/'))) return undefined;
        const text = await readFile(path, 'utf8');
        const places = { url: pathToFileURL(path).href, filename: path, dirname: dirname(path) };
        const contents = text.replace(/\bimport\.meta\.(url|filename|dirname)\b/g, (_, name: keyof typeof places) =>
          JSON.stringify(places[name]),
        );
        return { contents, loader: 'ts' };
      });
    },
  };
}
