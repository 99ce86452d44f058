import type { LabelSelector } from '../../../../api/meta/v1/types.ts';
import type { ObjectMeta } from '../../../../apimachinery/object.ts';
import { quotedSelector } from '../../label-selector.ts';
import { metadataOrder } from '../../metadata-order.ts';
import { innerShapes } from './inner-shapes.ts';

/*
 * Kubernetes shows what changed in a pod, claim or volume in the form that its server keeps inside: other names, every
 * field, unset ones too. Users know these differences and tools read them, so they are shown alike.
 */

/** Fields whose inner name does not follow from the outer one. */
const outerNames: Readonly<Record<string, string>> = {
  CephFS: 'cephfs',
  StorageOS: 'storageos',
  HTTPHeaders: 'httpHeaders',
  DiscoveryCHAPAuth: 'chapAuthDiscovery',
  SessionCHAPAuth: 'chapAuthSession',
  EndpointsName: 'endpoints',
  CephMonitors: 'monitors',
  RBDImage: 'image',
  RBDPool: 'pool',
  RadosUser: 'user',
  WWIDs: 'wwids',
  DataDiskURI: 'diskURI',
  GMSACredentialSpecName: 'gmsaCredentialSpecName',
  GMSACredentialSpec: 'gmsaCredentialSpec',
  IntValue: 'int',
  BoolValue: 'bool',
  StringValue: 'string',
  VersionValue: 'version',
};
const unset: Readonly<Record<string, unknown>> = { s: '', n: 0, b: false, '-': null };

type Fields = Readonly<Record<string, unknown>>;

/** The inner form of `value`, an object of the type `shape`, as indented JSON. */
export function internalText(value: unknown, shape: string): string {
  return JSON.stringify(internalForm(value, shape), null, 1);
}

/** The inner form of `value`, an object of the type `shape`. */
export function internalForm(value: unknown, shape: string): unknown {
  const fields = (value ?? {}) as Fields;
  const form: Record<string, unknown> = {};
  for (const field of innerShapes[shape]!.split(', ')) {
    const [name = '', kind = ''] = field.split(' ');
    if (kind === 'M') Object.assign(form, metadataForm(fields['metadata'] as Partial<ObjectMeta>));
    else form[name] = fieldForm(fields[outerNames[name] ?? outerName(name)], kind);
  }
  return form;
}

/** The fields that are set, in the order in which Kubernetes has them. */
export function metadataForm(metadata: Readonly<Partial<ObjectMeta>> = {}): object {
  const known = metadataOrder.filter((name) => metadata[name] !== undefined);
  return Object.fromEntries(known.map((name) => [name, metadata[name]]));
}

function fieldForm(value: unknown, kind: string): unknown {
  const isUnset = value === undefined || value === null;
  if (kind in unset) return isUnset ? unset[kind] : sorted(value);
  if (kind === 'L') return isUnset ? null : quotedSelector(value as LabelSelector);
  if (kind.startsWith('[]'))
    return isUnset ? null : (value as unknown[]).map((one) => internalForm(one, kind.slice(2)));
  if (kind.startsWith('*')) return isUnset ? null : internalForm(value, kind.slice(1));
  return internalForm(value, kind);
}

/** `DNSPolicy` is `dnsPolicy`: the capitals at the start, but for the one that begins the next word. */
function outerName(name: string): string {
  return name.replace(/^[A-Z]+(?![a-z])|^[A-Z]/, (capitals) => capitals.toLowerCase());
}

/** Maps are printed in the order of their keys. */
function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
