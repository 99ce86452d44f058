import { parseGoDuration } from '../../apimachinery/duration.ts';
import { invalid, invalidAsWhole, required, type FieldError } from '../../apimachinery/validation.ts';
import {
  keyBytes,
  resourcePattern,
  type EncryptionConfiguration,
  type EncryptionKey,
  type KmsConfiguration,
  type ProviderConfiguration,
} from './configuration.ts';

const aesKeyBytes = [16, 24, 32];
const secretboxKeyBytes = [32];

/** Resources that are stored and have no API of their own. */
const withoutApi: ReadonlySet<string> = new Set([
  'apiserveripinfo',
  'serviceipallocations',
  'servicenodeportallocations',
]);

/** What Kubernetes says of a configuration, in its order. Keys are never shown. */
export function validateEncryptionConfiguration({ resources = [] }: EncryptionConfiguration): FieldError[] {
  if (resources.length === 0) return [atLeastOne('resources', 'resources')];
  const kmsNames = new Set<string>();
  return resources.flatMap(({ resources: names = [], providers = [] }, at) => {
    const [namesPath, providersPath] = [`resources[${at}].resources`, `resources[${at}].providers`];
    return [
      ...(names.length === 0 ? [atLeastOne(namesPath, namesPath)] : []),
      ...overlapErrors(names, namesPath),
      ...names.flatMap((name, i) => nameErrors(name, `${namesPath}[${i}]`)),
      ...(providers.length === 0 ? [atLeastOne(providersPath, providersPath)] : []),
      ...providers.flatMap((provider, i) => providerErrors(provider, `${providersPath}[${i}]`, kmsNames)),
    ];
  });
}

function atLeastOne(field: string, what: string): FieldError {
  return required(field, `at least one ${what} is required`);
}

function overlapErrors(names: readonly string[], field: string): FieldError[] {
  const patterns = names.map(resourcePattern);
  const pairs = patterns.flatMap((a, i) => patterns.flatMap((b, j) => (i === j ? [] : [[a, b] as const])));
  const isSame = ([a, b]: (typeof pairs)[number]): boolean => a.group === b.group && a.resource === b.resource;
  const doubled = pairs.filter(isSame);
  // Kubernetes takes the first pair of doubles for nothing else.
  const others = doubled.length === 0 ? pairs : pairs.filter((pair) => pair !== doubled[0]);
  const overlaps = others.some(
    ([a, b]) =>
      (a.group === '*' && a.resource === '*') || (a.group === b.group && (a.resource === '*' || b.resource === '*')),
  );
  const errors: FieldError[] = [];
  if (doubled.length > 0) errors.push(invalid(field, names, 'the same resource cannot be specified multiple times'));
  if (overlaps)
    errors.push(
      invalid(
        field,
        names,
        "using overlapping resources such as 'secrets' and '*.' in the same resource list is not allowed as they will be masked",
      ),
    );
  return errors;
}

function nameErrors(name: string, field: string): FieldError[] {
  const problem = nameProblem(name);
  return problem === undefined ? [] : [invalid(field, name, problem)];
}

function nameProblem(name: string): string | undefined {
  if (name.toLowerCase() !== name) return 'resource name should not contain capital letters';
  if (name === '*') return "use '*.' to encrypt all the resources from core API group or *.* to encrypt all resources";
  if (withoutApi.has(name)) return 'resources which do not have REST API/s cannot be encrypted';
  const { group, resource } = resourcePattern(name);
  if (group === 'events.k8s.io')
    return "'*.events.k8s.io' objects are stored using the 'events' API group in etcd. Use 'events' instead in the config file";
  if (group === 'extensions') return "'extensions' group has been removed and cannot be used for encryption";
  if (group === '*' && resource !== '*') return 'encrypting the same resource across groups is not supported';
  return undefined;
}

const providerNames = ['kms', 'aesgcm', 'aescbc', 'secretbox', 'identity'] as const;

/** The provider is not shown, as its keys are part of it. */
function providerErrors(provider: ProviderConfiguration, field: string, kmsNames: Set<string>): FieldError[] {
  const found = providerNames.filter((name) => provider[name] !== undefined && provider[name] !== null);
  const errors: FieldError[] = [];
  if (found.length === 0)
    errors.push(
      invalidAsWhole(
        field,
        'provider does not contain any of the expected providers: KMS, AESGCM, AESCBC, Secretbox, Identity',
      ),
    );
  if (found.length > 1)
    errors.push(
      invalidAsWhole(
        field,
        'more than one provider specified in a single element, should split into different list elements',
      ),
    );
  const { kms, aesgcm, aescbc, secretbox } = provider;
  if (kms) {
    errors.push(...kmsErrors(kms, `${field}.kms`, kmsNames));
    kmsNames.add(kms.name);
  } else if (aesgcm) errors.push(...keysErrors(aesgcm.keys, `${field}.aesgcm.keys`, aesKeyBytes));
  else if (aescbc) errors.push(...keysErrors(aescbc.keys, `${field}.aescbc.keys`, aesKeyBytes));
  else if (secretbox) errors.push(...keysErrors(secretbox.keys, `${field}.secretbox.keys`, secretboxKeyBytes));
  return errors;
}

function keysErrors(
  keys: readonly EncryptionKey[] | undefined,
  field: string,
  lengths: readonly number[],
): FieldError[] {
  if (keys === undefined || keys.length === 0) return [atLeastOne(field, 'keys')];
  return keys.flatMap((key, i) => keyErrors(key, `${field}[${i}]`, lengths));
}

function keyErrors({ name, secret }: EncryptionKey, field: string, lengths: readonly number[]): FieldError[] {
  const errors = name ? [] : [required(`${field}.name`, 'name is a mandatory field for a key')];
  if (!secret) return [...errors, required(`${field}.secret`, 'secret is a mandatory field for a key')];
  const bytes = keyBytes(secret);
  if (bytes === undefined) return [...errors, invalid(`${field}.secret`, 'REDACTED', 'secrets must be base64 encoded')];
  if (lengths.includes(bytes.length)) return errors;
  const detail = `secret is not of the expected length, got ${bytes.length}, expected one of [${lengths.join(' ')}]`;
  return [...errors, invalid(`${field}.secret`, 'REDACTED', detail)];
}

function kmsErrors(kms: KmsConfiguration, field: string, names: ReadonlySet<string>): FieldError[] {
  const { name, endpoint, timeout = '3s', apiVersion = 'v1', cachesize } = kms;
  const errors: FieldError[] = [];
  if (!name) errors.push(required(`${field}.name`, 'name is a mandatory field for a provider'));
  if (apiVersion !== 'v1') {
    if (name?.includes(':'))
      errors.push(invalid(`${field}.name`, name, `invalid KMS provider name ${name}, must not contain ':'`));
    if (names.has(name))
      errors.push(invalid(`${field}.name`, name, `duplicate KMS provider name ${name}, names must be unique`));
  }
  if ((parseGoDuration(timeout) ?? 0) <= 0)
    errors.push(invalid(`${field}.timeout`, timeout, 'timeout should be a positive value'));
  errors.push(...endpointErrors(endpoint, `${field}.endpoint`));
  if (apiVersion !== 'v1' && cachesize !== undefined)
    errors.push(invalid(`${field}.cachesize`, cachesize, 'cachesize is not supported in v2'));
  if (apiVersion === 'v1' && cachesize === 0)
    errors.push(
      invalid(`${field}.cachesize`, cachesize, 'cachesize should be a positive value, or negative to disable'),
    );
  if (apiVersion !== 'v1' && apiVersion !== 'v2')
    errors.push(
      invalid(
        `${field}.apiVersion`,
        apiVersion,
        'unsupported apiVersion apiVersion for KMS provider, only v1 and v2 are supported',
      ),
    );
  return errors;
}

function endpointErrors(endpoint: string, field: string): FieldError[] {
  if (!endpoint) return [invalid(field, '', 'endpoint is a mandatory field for a kms')];
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(endpoint)?.[1]?.toLowerCase() ?? '';
  if (scheme === 'unix') return [];
  return [
    invalid(field, endpoint, `unsupported scheme ${JSON.stringify(scheme)} for KMS provider, only unix is supported`),
  ];
}
