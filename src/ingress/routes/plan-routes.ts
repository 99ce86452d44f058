import type { Secret, Service } from '../../api/core/v1/types.ts';
import { isServedIngress } from '../../api/networking/served-ingress.ts';
import type {
  HTTPIngressPath,
  Ingress,
  IngressBackend,
  IngressClass,
  IngressTLS,
} from '../../api/networking/v1/types.ts';
import { keyOf, keyText, type ObjectKey } from '../../apimachinery/object.ts';
import { accessOf } from './access.ts';
import { annotationPrefix, readAnnotations } from './annotations/annotations.ts';
import { balancingOf, canaryOf } from './annotations/traffic.ts';
import type { CertificateReading } from './certificates.ts';
import { isHost } from './hosts.ts';
import { Draft, type DraftLocation } from './draft.ts';
import type { Filter } from './filters.ts';
import { escaped, isPath, withoutSlash } from './paths.ts';
import type { Location, Problem, Routes, Settings } from './routes.ts';

/** All that routes are made of. */
export interface IngressObjects {
  readonly ingresses: readonly Readonly<Ingress>[];
  readonly classes: readonly Readonly<IngressClass>[];
  service(key: ObjectKey): Readonly<Service> | undefined;
  secret(key: ObjectKey): Readonly<Secret> | undefined;
  readCertificate(secret: Readonly<Secret>): CertificateReading;
  /** What nginx refused about an Ingress in this version of it; such an Ingress is left out. */
  refusal(ingress: Readonly<Ingress>): string | undefined;
}

/**
 * What nginx shall do. Of two Ingresses that want the same path of the same host the older one gets it. Whatever is wrong
 * with an Ingress takes away only what cannot be served of it, and nothing from others. Pure.
 */
export function planRoutes(objects: IngressObjects): Routes {
  const draft = new Draft();
  const classes = new Map(objects.classes.map((one) => [one.metadata.name, one]));
  const classOf = (name: string) => classes.get(name);
  const served = objects.ingresses.filter((one) => isServedIngress(one, classOf)).toSorted(byAge);
  // A canary goes beside what another Ingress has, whichever is the older.
  for (const ingress of [...served.filter((one) => !isCanary(one)), ...served.filter(isCanary)]) {
    const problems = draft.problemsOf(ingress);
    const refusal = objects.refusal(ingress);
    if (refusal === undefined) tryToAdd(draft, ingress, objects, problems);
    else problems.push({ reason: 'Refused', message: `The Ingress is not served: nginx refuses it: ${refusal}` });
  }
  return draft.routes();
}

/** What one Ingress holds must not keep the others from being served, not even where it breaks an assumption of ours. */
function tryToAdd(draft: Draft, ingress: Readonly<Ingress>, objects: IngressObjects, problems: Problem[]): void {
  try {
    (isCanary(ingress) ? addCanaries : addIngress)(draft, ingress, objects, problems);
  } catch (error) {
    problems.push({ reason: 'Failed', message: `The Ingress is served in part at most: ${String(error)}` });
  }
}

function addIngress(draft: Draft, ingress: Readonly<Ingress>, objects: IngressObjects, problems: Problem[]): void {
  const read = readAnnotations(ingress.metadata.annotations);
  const { found } = read;
  problems.push(...read.problems);
  const { settings, filters: ownFilters, isDenied } = accessOf(ingress, read, { draft, objects, problems });
  const { rules = [], defaultBackend } = ingress.spec;
  // Its paths are kept from others all the same: they answer 503.
  const target = (backend: IngressBackend): string | undefined =>
    isDenied ? undefined : addBackend(draft, backend, ingress.metadata.namespace, objects, problems);
  const instead = isDenied ? undefined : defaultBackendOf(ingress, found.defaultBackend, { draft, objects, problems });
  const filters = [...ownFilters, ...errorPages(found.errorCodes, instead, problems)];
  if (!draft.takesLines(linesOfLists(ingress, filters, found.aliases))) {
    const message = 'The Ingress is not served: what its annotations list is too long for so many paths and hosts';
    problems.push({ reason: 'TooLarge', message });
    return;
  }
  addAuthBackend(draft, filters);
  const withChoice = (location: Location): DraftLocation => ({
    location: { ...location, filters, ...(found.hashBy && { hashKey: found.hashBy }) },
    choice: { ...balancingOf(found, location.path), ...(instead && { fallback: instead }) },
  });
  const hosts = new Set<string>();
  for (const { host = '', http } of rules) {
    if (host !== '' && !isHost(host)) {
      problems.push({
        reason: 'InvalidHost',
        message: `Host ${JSON.stringify(host)} is not served: it is no DNS name`,
      });
      continue;
    }
    hosts.add(host);
    draft.server(host);
    for (const path of http?.paths ?? []) {
      const location = locationOf(path, ingress, settings, problems);
      if (location === undefined) continue;
      const owner = draft.addLocation(host, withChoice({ ...location, ...optional('backend', target(path.backend)) }));
      if (owner !== undefined)
        problems.push({
          reason: 'Duplicate',
          message: `Path "${path.path ?? '/'}" of host "${host || '*'}" is not served: Ingress "${keyText(owner)}" has it already`,
        });
    }
  }
  const tlsFor = tlsEntries(ingress);
  for (const host of hosts) {
    addCertificate(draft, host, tlsFor(host), ingress, objects, problems);
    const server = draft.server(host);
    if (found.appRoot !== undefined) server.appRoot ??= { path: found.appRoot, ingress: keyOf(ingress) };
    if (host === '' || host.startsWith('*')) continue;
    if (found.fromToWww === true) server.www ??= keyOf(ingress);
    for (const alias of found.aliases ?? []) if (isHost(alias.toLowerCase())) server.aliases.add(alias.toLowerCase());
  }
  if (defaultBackend === undefined) return;
  const fallback = withChoice({ ...plain(ingress, settings), ...optional('backend', target(defaultBackend)) });
  for (const host of hosts) draft.addFallback(host, fallback);
  draft.addFallback('', fallback, rules.length > 0);
}

function isCanary({ metadata: { annotations } }: Readonly<Ingress>): boolean {
  return annotations?.[`${annotationPrefix}canary`]?.trim() === 'true';
}

/** All else that its annotations say is the other Ingress's to say. */
function addCanaries(draft: Draft, ingress: Readonly<Ingress>, objects: IngressObjects, problems: Problem[]): void {
  const { found, problems: annotationProblems } = readAnnotations(ingress.metadata.annotations);
  problems.push(...annotationProblems);
  const rule = canaryOf(found);
  for (const { host = '', http } of ingress.spec.rules ?? [])
    for (const { path = '/', pathType, backend: written } of http?.paths ?? []) {
      const backend = addBackend(draft, written, ingress.metadata.namespace, objects, problems);
      if (backend === undefined || draft.addCanary(host, path, pathType === 'Exact', { ...rule, backend })) continue;
      const message = `Path "${path}" of host "${host || '*'}" is not served: no other Ingress has it, so there is nothing to be a canary of`;
      problems.push({ reason: 'MissingMain', message });
    }
}

/** The Service of the annotation by its first port, as the name of a backend. */
function defaultBackendOf(
  { metadata: { namespace } }: Readonly<Ingress>,
  name: string | undefined,
  { draft, objects, problems }: { draft: Draft; objects: IngressObjects; problems: Problem[] },
): string | undefined {
  if (name === undefined) return undefined;
  const number = objects.service({ ...optional('namespace', namespace), name })?.spec.ports?.[0]?.port ?? 0;
  return addBackend(draft, { service: { name, port: { number } } }, namespace, objects, problems);
}

function errorPages(codes: readonly number[] | undefined, backend: string | undefined, problems: Problem[]): Filter[] {
  if (codes === undefined) return [];
  if (backend !== undefined) return [{ kind: 'errorPages', codes, backend }];
  const message = 'Annotation "custom-http-errors" has no effect without "default-backend"';
  problems.push({ reason: 'InvalidAnnotation', message });
  return [];
}

/** About how many lines of nginx' configuration, and names of servers, the lists of annotations come to. */
function linesOfLists({ spec: { rules = [] } }: Readonly<Ingress>, filters: readonly Filter[], aliases: string[] = []) {
  const paths = rules.reduce((sum, { http }) => sum + (http?.paths.length ?? 0), 1);
  const ofPath = filters.reduce((sum, filter) => sum + linesOfFilter(filter), 0);
  return paths * ofPath + rules.length * aliases.length;
}

function linesOfFilter(filter: Filter): number {
  if (filter.kind === 'sourceRanges') return filter.denied.length + (filter.allowed?.length ?? 0);
  if (filter.kind === 'errorPages') return filter.codes.length * 24;
  return filter.kind === 'externalAuth' ? 24 + filter.responseHeaders.length * 2 : 0;
}

/** Whoever is asked whether requests may go on is a backend too. */
function addAuthBackend(draft: Draft, filters: readonly Filter[]): void {
  for (const filter of filters) {
    if (filter.kind !== 'externalAuth' || filter.target.to.kind !== 'backend') continue;
    const { namespace, service, port } = filter.target.to;
    draft.backends.set(`${namespace}/${service}:${port}`, {
      service: { namespace, name: service },
      port: { number: port },
    });
  }
}

/** The older first; of the same age, by name: all nodes decide alike. */
function byAge(a: Readonly<Ingress>, b: Readonly<Ingress>): number {
  const ages = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '');
  const names = [a, b].map(({ metadata }) => keyText(metadata));
  if (ages[0] !== ages[1]) return ages[0]! < ages[1]! ? -1 : 1;
  return names[0]! < names[1]! ? -1 : 1;
}

/** What takes everything of a host. */
function plain(ingress: Readonly<Ingress>, settings: Settings): Location {
  return { match: 'prefix', path: '/', ingress: keyOf(ingress), filters: [], redirectToHttps: false, settings };
}

/** Characters that mean something in a regular expression, but for the dot, which paths have too. */
const expression = /[()[\]{}*+?|^$\\]/;

/** nginx would set a variable of that name. What looks like a group and is none is not worth the difference. */
const namedGroup = /\(\?(?:P?<(?![=!])|')/;

function locationOf(
  { path: written, pathType }: Readonly<HTTPIngressPath>,
  ingress: Readonly<Ingress>,
  settings: Settings,
  problems: Problem[],
): Location | undefined {
  const path = written || '/';
  const refuse = (why: string): undefined => {
    problems.push({ reason: 'InvalidPath', message: `Path ${JSON.stringify(path)} is not served: ${why}` });
  };
  if (!isPath(path)) return refuse('it must begin with "/", and have no control characters and at most 2000 others');
  const common = { ...plain(ingress, settings), path };
  if (pathType === 'Exact') return { ...common, match: 'exact' };
  if (!settings.useRegex && settings.rewriteTarget === undefined) return common;
  if (pathType === 'Prefix' && !expression.test(path))
    return { ...common, match: 'pattern', pattern: `${escaped(withoutSlash(path))}(?:/|$)` };
  if (namedGroup.test(path)) return refuse('groups of its expression must not have names');
  try {
    new RegExp(path);
  } catch {
    return refuse('it is not a regular expression');
  }
  return { ...common, match: 'pattern', pattern: path };
}

/** The name of the backend, also when the Service is not there yet: it answers as soon as it has endpoints. */
function addBackend(
  draft: Draft,
  { service: wanted, resource }: Readonly<IngressBackend>,
  namespace: string | undefined,
  objects: IngressObjects,
  problems: Problem[],
): string | undefined {
  if (wanted === undefined) {
    const what = resource === undefined ? 'no Service' : `a ${resource.kind}`;
    problems.push({ reason: 'UnsupportedBackend', message: `A backend that names ${what} is answered with 503` });
    return undefined;
  }
  const key = { ...optional('namespace', namespace), name: wanted.name };
  const { name: portName, number } = wanted.port ?? {};
  const port = portName ? { name: portName } : { number: number ?? 0 };
  const service = objects.service(key);
  const shown = portName || String(number);
  const ports = service?.spec.ports ?? [];
  if (service === undefined)
    problems.push({ reason: 'MissingService', message: `Service "${keyText(key)}" does not exist` });
  else if (service.spec.type === 'ExternalName')
    problems.push({
      reason: 'UnsupportedBackend',
      message: `Service "${keyText(key)}" is of type ExternalName, which has no endpoints`,
    });
  else if (!ports.some((one) => ('name' in port ? one.name === port.name : one.port === port.number)))
    problems.push({ reason: 'MissingPort', message: `Service "${keyText(key)}" has no port "${shown}"` });
  const name = `${keyText(key)}:${shown}`;
  // Names of Services and ports are DNS labels: what is not cannot exist, and stays out of the configuration.
  if (!/^[a-z0-9.-]+\/[a-z0-9.-]+:[a-z0-9-]+$/.test(name)) return undefined;
  draft.backends.set(name, { service: key, port });
  return name;
}

function addCertificate(
  draft: Draft,
  host: string,
  entry: IngressTLS | undefined,
  ingress: Readonly<Ingress>,
  objects: IngressObjects,
  problems: Problem[],
): void {
  if (host === '' || entry === undefined) return;
  const server = draft.server(host);
  server.hasTls = true;
  if (server.certificate !== undefined || !entry.secretName) return;
  const key = { ...optional('namespace', ingress.metadata.namespace), name: entry.secretName };
  const secret = objects.secret(key);
  const instead = 'the default certificate is shown instead';
  const reading = secret && objects.readCertificate(secret);
  if (reading === undefined)
    problems.push({ reason: 'MissingSecret', message: `Secret "${keyText(key)}" does not exist: ${instead}` });
  else if (!reading.ok)
    problems.push({
      reason: 'InvalidSecret',
      message: `Secret "${keyText(key)}" cannot be used: ${reading.why}: ${instead}`,
    });
  else {
    draft.certificates.set(reading.fingerprint, reading.pair);
    server.certificate = { fingerprint: reading.fingerprint, ingress: keyOf(ingress) };
  }
}

/** The entry that says most of a host: one that names it, then one with a wildcard for it, then one for all hosts. */
function tlsEntries({ spec: { tls = [] } }: Readonly<Ingress>): (host: string) => IngressTLS | undefined {
  const byName = new Map<string, IngressTLS>();
  for (const entry of tls) for (const name of entry.hosts ?? []) if (!byName.has(name)) byName.set(name, entry);
  const ofAll = tls.find(({ hosts = [] }) => hosts.length === 0);
  return (host) => {
    const wildcard = host.startsWith('*') ? undefined : byName.get(`*.${host.slice(host.indexOf('.') + 1)}`);
    return byName.get(host) ?? wildcard ?? ofAll;
  };
}

function optional<Name extends string, T>(name: Name, value: T | undefined): { [N in Name]?: T } {
  return (value === undefined ? {} : { [name]: value }) as { [N in Name]?: T };
}
