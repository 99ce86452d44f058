import type { Secret } from '../../api/core/v1/types.ts';

/** What a registry is shown. */
export interface PullCredential {
  readonly username: string;
  readonly password: string;
  /** Where it is from. */
  readonly secret?: SecretIdentity;
}

export interface SecretIdentity {
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
}

/** What tells credentials apart: not where they are from. */
export function textOfCredential({ username, password }: PullCredential): string {
  return JSON.stringify([username, password]);
}

/** Docker Hub under the name that its client gives it. */
const dockerHub = 'index.docker.io';

/**
 * What Secrets have for the registry of a repository (`docker.io/library/web`), what is for a part of it first; several
 * where nobody knows which is right ("Images", specifying imagePullSecrets on a pod). Secrets of other types, and what
 * cannot be read, count for nothing.
 */
export function pullCredentials(repository: string, secrets: readonly Readonly<Secret>[]): readonly PullCredential[] {
  /** By place, and there by its own text: what several Secrets have is shown once. */
  const byPlace = new Map<string, Map<string, PullCredential>>();
  for (const { place, credential } of secrets.flatMap(entriesOf)) {
    const known = byPlace.get(place) ?? new Map<string, PullCredential>();
    byPlace.set(place, known.set(textOfCredential(credential), credential));
  }
  const credentialsAt = (place: string) => [...(byPlace.get(place)?.values() ?? [])];
  const places = [...byPlace.keys()].filter((place) => covers(place, repository));
  if (places.length === 0 && repository.startsWith('docker.io/')) return credentialsAt(dockerHub);
  return places.sort().reverse().flatMap(credentialsAt);
}

interface Entry {
  /** A registry, or the beginning of repositories of it: `*.example.com/team`. */
  readonly place: string;
  readonly credential: PullCredential;
}

function entriesOf({ metadata, type, data = {} }: Readonly<Secret>): Entry[] {
  const registries =
    type === 'kubernetes.io/dockerconfigjson'
      ? fieldsOf(fieldsOf(parsed(data['.dockerconfigjson']))['auths'])
      : type === 'kubernetes.io/dockercfg'
        ? fieldsOf(parsed(data['.dockercfg']))
        : {};
  const { uid, namespace = '', name: secretName = '' } = metadata;
  const secret = uid === undefined ? undefined : { uid, namespace, name: secretName };
  return Object.entries(registries).map(([name, entry]) => ({
    place: placeOf(name),
    credential: { ...credentialOf(fieldsOf(entry)), ...(secret && { secret }) },
  }));
}

/** `undefined` where it is no JSON. */
function parsed(base64 = ''): unknown {
  try {
    return JSON.parse(Buffer.from(base64, 'base64').toString());
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function credentialOf({ username, password, auth }: Readonly<Record<string, unknown>>): PullCredential {
  if (typeof auth !== 'string' || auth === '') return { username: textOf(username), password: textOf(password) };
  const both = Buffer.from(auth, 'base64').toString();
  const colon = both.indexOf(':');
  return { username: both.slice(0, Math.max(colon, 0)), password: both.slice(colon + 1) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Docker's client writes URLs, with the version of its protocol. */
function placeOf(name: string): string {
  const { host, path } = parts(name.replace(/^https?:\/\//, ''));
  const own = /^\/v[12]\//.test(path) ? path.slice('/v1'.length) : path;
  return own === '/' ? host : host + own;
}

function parts(place: string): { readonly host: string; readonly path: string } {
  const slash = place.indexOf('/');
  return slash < 0 ? { host: place, path: '' } : { host: place.slice(0, slash), path: place.slice(slash) };
}

function covers(place: string, repository: string): boolean {
  const [known, wanted] = [parts(place), parts(repository)];
  const [[host = '', port], [wantedHost = '', wantedPort]] = [known.host.split(':'), wanted.host.split(':')];
  if (port !== wantedPort || !wanted.path.startsWith(known.path)) return false;
  const labels = wantedHost.split('.');
  const patterns = host.split('.');
  return patterns.length === labels.length && patterns.every((pattern, at) => fits(pattern, labels[at]!));
}

/** `*` stands for any letters, `?` for one. Goes back to the last star alone, so that no pattern takes long. */
function fits(pattern: string, text: string): boolean {
  let [at, star, from] = [0, -1, 0];
  for (let i = 0; i < text.length;) {
    if (pattern[at] === '*') [star, from] = [at++, i];
    else if (pattern[at] === '?' || pattern[at] === text[i]) [at, i] = [at + 1, i + 1];
    else if (star < 0) return false;
    else [at, i] = [star + 1, ++from];
  }
  while (pattern[at] === '*') at++;
  return at === pattern.length;
}
