import type { ConfigMap, EnvVar, EnvVarSource, Pod, Secret, Service } from '../../api/core/v1/types.ts';
import { boundedLength, expand } from './expand.ts';
import { fieldValue, resourceValue, type Allocatable, type PodAddresses } from './downward.ts';
import { containersOf, type PodContainer } from './pod-containers.ts';
import { serviceEnvironment } from './service-environment.ts';

/** Where the values of variables come from. Objects that do not exist are `undefined`. */
export interface EnvironmentSources {
  readonly services: readonly Readonly<Service>[];
  readonly addresses: PodAddresses;
  readonly allocatable: Allocatable;
  configMap(name: string): Promise<Readonly<ConfigMap> | undefined>;
  secret(name: string): Promise<Readonly<Secret> | undefined>;
}

export interface Variable {
  readonly name: string;
  readonly value: string;
}

/** The container cannot be made as configured; the message is Kubernetes' own. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** Keys of a ConfigMap or Secret that cannot be names of variables. */
export interface SkippedKeys {
  readonly source: string;
  readonly keys: readonly string[];
}

/**
 * The variables of a container: from whole objects, then one by one (each may use `$(NAME)` of those before it and of
 * Services), then those of Services that are not set otherwise. Rejects with {@link ConfigurationError}, and where they are
 * more than a program can be given.
 */
export async function environmentOf(
  pod: Readonly<Pod>,
  { spec }: PodContainer,
  sources: EnvironmentSources,
): Promise<{ variables: Variable[]; skipped: SkippedKeys[] }> {
  const namespace = pod.metadata.namespace ?? '';
  const services = serviceEnvironment(sources.services, namespace, pod.spec.enableServiceLinks !== false);
  const values = new Map<string, string>();
  const skipped: SkippedKeys[] = [];
  let letters = 0;
  const count = (name: string, value: string): void => {
    letters = boundedLength(letters + name.length + value.length);
  };
  const set = (name: string, value: string): void => {
    count(name, value);
    values.set(name, value);
  };
  for (const { prefix = '', configMapRef, secretRef } of spec.envFrom ?? []) {
    const ref = configMapRef ?? secretRef;
    if (ref?.name === undefined) continue;
    const kind = configMapRef !== undefined ? 'configmap' : 'secret';
    const data = kind === 'configmap' ? await configMapTexts(sources, ref.name) : await secretTexts(sources, ref.name);
    if (data === undefined) {
      if (ref.optional === true) continue;
      throw new ConfigurationError(`${kind} "${ref.name}" not found`);
    }
    const bad: string[] = [];
    for (const [key, value] of data) {
      if (isVariableName(prefix + key)) {
        set(prefix + key, value);
        continue;
      }
      count(key, value);
      bad.push(prefix + key);
    }
    const label = kind === 'configmap' ? 'configMap' : 'secret';
    if (bad.length > 0) skipped.push({ source: `${label} ${namespace}/${ref.name}`, keys: bad.sort() });
  }
  for (const variable of spec.env ?? []) {
    const value = await valueOf(pod, spec.name, variable, sources, (name) => values.get(name) ?? services[name]);
    if (value !== undefined) set(variable.name, value);
  }
  for (const [name, value] of Object.entries(services)) if (!values.has(name)) set(name, value);
  return { variables: [...values].map(([name, value]) => ({ name, value })), skipped };
}

async function valueOf(
  pod: Readonly<Pod>,
  containerName: string,
  { name, value, valueFrom }: EnvVar,
  sources: EnvironmentSources,
  known: (name: string) => string | undefined,
): Promise<string | undefined> {
  if (valueFrom === undefined || (value !== undefined && value !== '')) return expand(value ?? '', known);
  if (valueFrom.fieldRef !== undefined) {
    const found = fieldValue(pod, valueFrom.fieldRef, sources.addresses);
    if (found === undefined) throw new ConfigurationError(`unsupported fieldPath: ${valueFrom.fieldRef.fieldPath}`);
    return found;
  }
  if (valueFrom.resourceFieldRef !== undefined)
    return resourceOf(pod, containerName, valueFrom.resourceFieldRef, sources);
  if (valueFrom.fileKeyRef !== undefined)
    throw new ConfigurationError(`variable ${name} of a file (fileKeyRef) is not supported`);
  return await keyOfObject(pod, valueFrom, sources);
}

function resourceOf(
  pod: Readonly<Pod>,
  ownName: string,
  reference: NonNullable<EnvVarSource['resourceFieldRef']>,
  { allocatable }: EnvironmentSources,
): string {
  const name = reference.containerName || ownName;
  const container = containersOf(pod).find((one) => one.name === name);
  if (container === undefined) throw new ConfigurationError(`container ${name} not found`);
  const found = resourceValue(container.spec, reference, allocatable);
  if (found === undefined) throw new ConfigurationError(`unsupported container resource : ${reference.resource}`);
  return found;
}

async function keyOfObject(
  { metadata }: Readonly<Pod>,
  { configMapKeyRef, secretKeyRef }: EnvVarSource,
  sources: EnvironmentSources,
): Promise<string | undefined> {
  const reference = configMapKeyRef ?? secretKeyRef;
  if (reference?.name === undefined) return undefined;
  const { name, key, optional } = reference;
  const isConfigMap = configMapKeyRef !== undefined;
  const object = await (isConfigMap ? sources.configMap(name) : sources.secret(name));
  const text = Object.hasOwn(object?.data ?? {}, key) ? object?.data?.[key] : undefined;
  if (text !== undefined) return isConfigMap ? text : fromBase64(text);
  if (optional === true) return undefined;
  if (object === undefined) throw new ConfigurationError(`${isConfigMap ? 'configmap' : 'secret'} "${name}" not found`);
  const kind = isConfigMap ? 'ConfigMap' : 'Secret';
  throw new ConfigurationError(`couldn't find key ${key} in ${kind} ${metadata.namespace}/${name}`);
}

async function configMapTexts(sources: EnvironmentSources, name: string): Promise<Map<string, string> | undefined> {
  const object = await sources.configMap(name);
  return object && new Map(Object.entries(object.data ?? {}));
}

async function secretTexts(sources: EnvironmentSources, name: string): Promise<Map<string, string> | undefined> {
  const object = await sources.secret(name);
  const texts = Object.entries(object?.data ?? {}).map(([key, value]) => [key, fromBase64(value)] as const);
  return object && new Map(texts);
}

function fromBase64(text: string): string {
  return Buffer.from(text, 'base64').toString();
}

/** Printable ASCII without `=`. */
function isVariableName(name: string): boolean {
  return /^[\x20-\x3c\x3e-\x7e]+$/.test(name);
}
