import { dump, load, YAMLException } from 'js-yaml';
import { open, rm } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import { reasonOf } from '../../base/node/system-error.ts';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../../base/node/files.ts';
import type { ServerAccess } from './http-connection.ts';

/** A kubeconfig file (client.config/v1). Fields that we do not know are kept. */
export interface Kubeconfig {
  apiVersion?: string;
  kind?: string;
  'current-context'?: string;
  clusters?: Named<'cluster', ClusterEntry>[];
  contexts?: Named<'context', ContextEntry>[];
  users?: Named<'user', UserEntry>[];
  preferences?: Record<string, unknown>;
  [more: string]: unknown;
}

export type Named<Field extends string, Entry> = { name: string } & { [F in Field]: Entry };

export interface ClusterEntry {
  server: string;
  'certificate-authority'?: string;
  /** Base64 of PEM. */
  'certificate-authority-data'?: string;
  'insecure-skip-tls-verify'?: boolean;
  'tls-server-name'?: string;
}

export interface ContextEntry {
  cluster: string;
  user: string;
  namespace?: string;
}

export interface UserEntry {
  token?: string;
  tokenFile?: string;
  'client-certificate'?: string;
  'client-certificate-data'?: string;
  'client-key'?: string;
  'client-key-data'?: string;
}

/** Where kubeconfig files are looked for: an explicit path wins over the variable, the variable over the home folder. */
export interface KubeconfigPlace {
  readonly explicit?: string;
  /** The value of the environment variable KUBECONFIG. */
  readonly variable?: string;
  readonly home: string;
}

/** The files that a client reads, in order of preference. */
export function kubeconfigPaths({ explicit, variable, home }: KubeconfigPlace): string[] {
  if (explicit !== undefined && explicit !== '') return [explicit];
  const listed = [...new Set((variable ?? '').split(':').filter((path) => path !== ''))];
  return listed.length > 0 ? listed : [join(home, '.kube', 'config')];
}

/** The file as an object, or `undefined` if there is none. Throws when it is no kubeconfig. */
export async function readKubeconfig(path: string): Promise<Kubeconfig | undefined> {
  const text = await readTextIfThere(path).catch((cause: Error) => {
    throw new Error(`Cannot read kubeconfig "${path}": ${reasonOf(cause)}`, { cause });
  });
  if (text === undefined) return undefined;
  const content = text.trim() === '' ? {} : parsed(text, path);
  if (typeof content !== 'object' || content === null || Array.isArray(content))
    throw new Error(`Cannot read kubeconfig "${path}": it is not a YAML mapping`);
  return content as Kubeconfig;
}

function parsed(text: string, path: string): unknown {
  try {
    return load(text);
  } catch (cause) {
    if (!(cause instanceof YAMLException)) throw cause;
    const why = cause.toString(true).replace(/^\w+: /, '');
    throw new Error(`Cannot read kubeconfig "${path}": it is no YAML: ${why}`, { cause });
  }
}

/** One configuration from several files: the first to name something wins. Paths inside are made absolute. */
export async function readKubeconfigs(paths: readonly string[]): Promise<Kubeconfig> {
  const merged: Kubeconfig = { clusters: [], contexts: [], users: [] };
  for (const path of paths) {
    const one = await readKubeconfig(path);
    if (one === undefined) continue;
    makePathsAbsolute(one, dirname(resolve(path)));
    merged['current-context'] ||= one['current-context'];
    merged.clusters = withMissing(merged.clusters, one.clusters);
    merged.contexts = withMissing(merged.contexts, one.contexts);
    merged.users = withMissing(merged.users, one.users);
  }
  return merged;
}

/**
 * Adds or replaces the entries of `added`, and makes its current context the current one. Pure; what else `into`
 * holds stays.
 */
export function mergeKubeconfig(into: Kubeconfig | undefined, added: Kubeconfig): Kubeconfig {
  const current = added['current-context'] ?? into?.['current-context'];
  return {
    ...into,
    apiVersion: into?.apiVersion ?? 'v1',
    kind: into?.kind ?? 'Config',
    clusters: withReplaced(into?.clusters, added.clusters),
    contexts: withReplaced(into?.contexts, added.contexts),
    users: withReplaced(into?.users, added.users),
    ...(current === undefined ? {} : { 'current-context': current }),
  };
}

/** Takes out the cluster, user and context of one name; a current context of that name becomes empty. */
export function withoutEntries(config: Kubeconfig, name: string): Kubeconfig {
  return {
    ...config,
    clusters: config.clusters?.filter((one) => one.name !== name) ?? [],
    contexts: config.contexts?.filter((one) => one.name !== name) ?? [],
    users: config.users?.filter((one) => one.name !== name) ?? [],
    ...(config['current-context'] === name ? { 'current-context': '' } : {}),
  };
}

/**
 * Merges `added` into the user's kubeconfig: the first file of the list that has an entry of these names, else the
 * first that exists, else the last of the list. Answers which file it was.
 */
export async function writeKubeconfig(place: KubeconfigPlace, added: Kubeconfig, clock: Clock): Promise<string> {
  const paths = kubeconfigPaths(place);
  const files = await Promise.all(paths.map(async (path) => ({ path, content: await readKubeconfig(path) })));
  const holder = files.find(({ content }) => sharesNames(content, added));
  const target = holder?.path ?? files.find(({ content }) => content !== undefined)?.path ?? paths.at(-1)!;
  await changeKubeconfig(target, clock, (present) => mergeKubeconfig(present, added));
  return target;
}

/** Takes the entries of one name out of all files of the list. Files without them are not touched. */
export async function removeFromKubeconfigs(place: KubeconfigPlace, name: string, clock: Clock): Promise<void> {
  for (const path of kubeconfigPaths(place)) {
    const content = await readKubeconfig(path);
    if (content === undefined || !sharesNames(content, named(name))) continue;
    await changeKubeconfig(path, clock, (present) => withoutEntries(present ?? {}, name));
  }
}

/** Who asks which server in the given context, by default the current one. Reads the files that the entries point to. */
export async function accessOf(
  config: Kubeconfig,
  contextName = config['current-context'],
): Promise<ServerAccess & { readonly namespace: string }> {
  if (contextName === undefined || contextName === '')
    throw new Error(
      'Cannot choose a cluster: the kubeconfig has no current context; choose one with "kubectl config use-context NAME"',
    );
  const context = entry(config.contexts, contextName, 'context').context;
  const cluster = entry(config.clusters, context.cluster, 'cluster').cluster;
  const user = entry(config.users, context.user, 'user').user;
  const pem = async (data: string | undefined, path: string | undefined): Promise<string | undefined> =>
    data !== undefined ? Buffer.from(data, 'base64').toString('utf8') : path && (await textOf(path));
  const access: Record<keyof ServerAccess, string | boolean | undefined> = {
    server: cluster.server,
    ca: await pem(cluster['certificate-authority-data'], cluster['certificate-authority']),
    serverName: cluster['tls-server-name'],
    insecure: cluster['insecure-skip-tls-verify'],
    cert: await pem(user['client-certificate-data'], user['client-certificate']),
    key: await pem(user['client-key-data'], user['client-key']),
    token: user.token ?? (user.tokenFile && (await textOf(user.tokenFile)).trim()),
  };
  const set = Object.fromEntries(Object.entries(access).filter(([, value]) => value !== undefined && value !== ''));
  return { ...(set as unknown as ServerAccess), namespace: context.namespace ?? 'default' };
}

/** With another client certificate for the user of the current context. PEM texts. */
export function withIdentity(
  config: Kubeconfig,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Kubeconfig {
  const { user } = entry(config.contexts, config['current-context'] ?? '', 'context').context;
  const [certificateData, keyData] = [certificate, key].map((pem) => Buffer.from(pem).toString('base64'));
  const renewed = { 'client-certificate-data': certificateData!, 'client-key-data': keyData! };
  return { ...config, users: withReplaced(config.users, [{ name: user, user: renewed }]) };
}

/** As it stands in a file. */
export function kubeconfigText(config: Kubeconfig): string {
  return dump(config, { lineWidth: -1, noRefs: true });
}

const lockRetryMs = 100;
const lockAttempts = 50;

/** Changes one file under the lock that kubectl and kind respect too: `<file>.lock`, which only one can create. */
async function changeKubeconfig(
  path: string,
  clock: Clock,
  change: (present: Kubeconfig | undefined) => Kubeconfig,
): Promise<void> {
  await makePrivateFolder(dirname(resolve(path)));
  const lock = `${path}.lock`;
  await acquire(lock, clock);
  try {
    await writeFileAtomically(path, kubeconfigText(change(await readKubeconfig(path))), { mode: 0o600 });
  } finally {
    await rm(lock, { force: true });
  }
}

async function acquire(lock: string, clock: Clock): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (attempt === lockAttempts)
        throw new Error(
          `Cannot change the kubeconfig: "${lock}" has been there for five seconds; if no other program uses the file, remove it`,
          { cause: error },
        );
    }
    await clock.sleep(lockRetryMs);
  }
}

function named(name: string): Kubeconfig {
  return {
    clusters: [{ name, cluster: { server: '' } }],
    contexts: [{ name, context: { cluster: '', user: '' } }],
    users: [{ name, user: {} }],
  };
}

function sharesNames(config: Kubeconfig | undefined, other: Kubeconfig): boolean {
  const lists = ['clusters', 'contexts', 'users'] as const;
  return lists.some((list) => config?.[list]?.some((one) => other[list]?.some(({ name }) => name === one.name)));
}

function withMissing<E extends { name: string }>(present: E[] = [], added: E[] | null = []): E[] {
  return [...present, ...(added ?? []).filter((one) => !present.some(({ name }) => name === one.name))];
}

function withReplaced<E extends { name: string }>(present: E[] | null = [], added: E[] = []): E[] {
  const kept = (present ?? []).map((one) => added.find(({ name }) => name === one.name) ?? one);
  return withMissing(kept, added);
}

function entry<E extends { name: string }>(list: E[] | undefined, name: string, what: string): E {
  const found = list?.find((one) => one.name === name);
  if (found === undefined) throw new Error(`Cannot use the kubeconfig: it has no ${what} "${name}"`);
  return found;
}

async function textOf(path: string): Promise<string> {
  const text = await readTextIfThere(path);
  if (text === undefined) throw new Error(`Cannot use the kubeconfig: there is no file "${path}", which it names`);
  return text;
}

function makePathsAbsolute(config: Kubeconfig, folder: string): void {
  const absolute = (part: Record<string, unknown>, field: string): void => {
    const path = part[field];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) part[field] = join(folder, path);
  };
  for (const { cluster } of config.clusters ?? [])
    absolute(cluster as unknown as Record<string, unknown>, 'certificate-authority');
  for (const { user } of config.users ?? [])
    for (const field of ['client-certificate', 'client-key', 'tokenFile'])
      absolute(user as Record<string, unknown>, field);
}
