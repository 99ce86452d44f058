import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGo, moduleFolder } from './go-programs.ts';

/** The last release that is one module, and so can be had whole from a proxy for modules. */
const module = 'github.com/external-secrets/external-secrets';
const version = 'v0.16.2';
const sum = 'h1:iNY+gIgSyL5higXTfnz+hdPCaiB/43UiHLqE7HBpj68=';

/** External Secrets as its project publishes it. */
export interface ExternalSecrets {
  /** The file of its program, which needs no libraries. */
  readonly program: string;
  /** The file of its definitions. */
  readonly definitions: string;
  /** The folder of its chart. */
  readonly chart: string;
}

/**
 * What it can take secrets from and make them with. The published program has all that the project knows, and with them
 * the clients of a dozen clouds, which take many minutes to build.
 */
const registered: Readonly<Record<string, readonly string[]>> = {
  provider: ['webhook'],
  generator: ['password'],
};

/** Builds it in `folder`, or says that it would take too long here. */
export async function buildExternalSecrets(folder: string): Promise<ExternalSecrets | { readonly missing: string }> {
  const published = await moduleFolder(`${module}@${version}`, sum);
  const source = join(folder, 'source');
  // Files of Go's cache cannot be replaced while they are built, so that the build needs a copy.
  for (const name of ['apis', 'cmd', 'deploy', 'pkg', 'main.go', 'go.mod', 'go.sum'])
    await cp(join(published, name), join(source, name), { recursive: true });
  for (const [kind, names] of Object.entries(registered)) {
    const imports = names.map((name) => `import _ "${module}/pkg/${kind}/${name}"\n`);
    await writeFile(join(source, 'pkg', kind, 'register/register.go'), `package register\n\n${imports.join('')}`);
  }
  const chart = join(source, 'deploy/charts/external-secrets');
  // Helm wants to have the chart of a server for Bitwarden, which is not installed by default, nor published with it.
  const description = await readFile(join(chart, 'Chart.yaml'), 'utf8');
  await writeFile(join(chart, 'Chart.yaml'), description.replace(/^dependencies:\n(?:[ ].*\n)*/m, ''));
  await rm(join(chart, 'Chart.lock'));
  const built = await buildGo(source, { output: join(folder, 'external-secrets'), isForImage: true });
  if ('missing' in built) return built;
  return { program: built.program, definitions: join(source, 'deploy/crds/bundle.yaml'), chart };
}
