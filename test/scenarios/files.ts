import { readdir, readFile } from 'node:fs/promises';

const folder = new URL('.', import.meta.url);

/** The scenarios of this folder: the name and the text of each file. */
export async function readScenarios(): Promise<{ readonly path: URL; readonly name: string; readonly text: string }[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = new URL(name, folder);
      return { path, name: name.replace('.txt', ''), text: await readFile(path, 'utf8') };
    }),
  );
}
