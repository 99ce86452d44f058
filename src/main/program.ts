#!/usr/bin/env node
import { constants, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundleKey, bundlesFolder, findBundle } from './bundle/find-bundle.ts';

// Runs the command line from the bundle of these very sources, if there is one: the programs of a cluster are started by it.
const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
await import(bundled() ?? './cli.ts');

function bundled(): string | undefined {
  try {
    const file = findBundle(join(bundlesFolder(root), bundleKey(root)));
    if (file === undefined) return undefined;
    openSync(dirname(file), constants.O_RDONLY); // until the end: a bundle that is held is not removed
    return pathToFileURL(file).href;
  } catch {
    return undefined; // an installed package may be without what a checkout has
  }
}
