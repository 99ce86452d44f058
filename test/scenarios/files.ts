import { readdir, readFile } from 'node:fs/promises';

const here = new URL('.', import.meta.url);

interface Scenario {
  readonly path: URL;
  readonly name: string;
  readonly text: string;
}

/** The scenarios of this folder, or of one in it: the name and the text of each file. */
export async function readScenarios(subfolder = ''): Promise<Scenario[]> {
  const folder = new URL(subfolder, here);
  const names = (await readdir(folder)).filter((name) => name.endsWith('.txt')).sort();
  return Promise.all(
    names.map(async (name) => {
      const path = new URL(name, folder);
      return { path, name: name.replace('.txt', ''), text: await readFile(path, 'utf8') };
    }),
  );
}
