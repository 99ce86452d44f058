import { goQuote } from '../../apimachinery/go-text.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { refused } from '../../apimachinery/status.ts';
import { booleanOption } from '../rest/boolean-option.ts';
import type { ResourceTarget } from './target.ts';

/** Reads all values of a parameter; nothing where the field is left out of JSON, as it is zero. */
type Read = (values: readonly string[]) => unknown;

const flag: Read = ([value]) => booleanOption(value) || undefined;
const text: Read = ([value]) => value || undefined;
const texts: Read = (values) => (values.length > 0 ? values : undefined);
const ports: Read = (values) => (values.length > 0 ? values.flatMap((value) => value.split(',')).map(port) : undefined);

const streams = { stdin: flag, stdout: flag, stderr: flag, tty: flag, container: text };

/** The fields that come from the query, by kind (core/v1). Proxies have none: their path is that behind the proxy. */
const fieldsOf: Readonly<Record<string, Readonly<Record<string, Read>>>> = {
  PodAttachOptions: streams,
  PodExecOptions: { ...streams, command: texts },
  PodPortForwardOptions: { ports },
};

/**
 * What a connection is opened with, as an object of its `kind`: `PodExecOptions`, `ServiceProxyOptions`, …. It has no
 * metadata. Throws BadRequest for ports that are none.
 */
export function connectOptions(kind: string, { query, rest }: Pick<ResourceTarget, 'query' | 'rest'>): KubeObject {
  const fields = fieldsOf[kind];
  const read =
    fields === undefined
      ? { path: decodeURIComponent(rest) || undefined }
      : Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field(query.all(name))]));
  const given = Object.fromEntries(Object.entries(read).filter(([, value]) => value !== undefined));
  return { kind, apiVersion: 'v1', ...given } as unknown as KubeObject;
}

function port(value: string): number {
  const isNumber = /^\d+$/.test(value);
  if (isNumber && Number(value) <= 0xffff) return Number(value);
  const why = isNumber ? 'value out of range' : 'invalid syntax';
  throw refused.badRequest(`cannot convert to []int32: strconv.ParseUint: parsing ${goQuote(value)}: ${why}`);
}
