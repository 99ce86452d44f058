import type { KubeObject } from '../../apimachinery/object.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { refused } from '../../apimachinery/status.ts';
import type { Body, Core, Operation } from './operation.ts';

function parse(body: Body | undefined): unknown {
  if (body === undefined) return undefined;
  if ('value' in body) return cloneJson(body.value);
  if (body.bytes.length === 0) return undefined;
  try {
    return JSON.parse(Buffer.from(body.bytes).toString());
  } catch (error) {
    throw refused.badRequest(String(error));
  }
}
export function decodeBody(_core: Core, { body, served, request }: Operation): KubeObject {
  const o = parse(body) as KubeObject;
  if (o === undefined) throw refused.badRequest('empty');
  o.metadata ??= { name: '' };
  o.metadata.name ??= '';
  o.kind = served.type.kind; o.apiVersion = served.apiVersion;
  if (request.namespace !== undefined) o.metadata.namespace = request.namespace;
  return o;
}
export function decodeDeleteOptions(_core: Core, { body }: Operation): any { return parse(body); }
export function decodePatch({ body }: Operation): unknown { return parse(body); }
export function checkTyped(_core: Core, _operation: Operation, value: unknown): KubeObject { return value as KubeObject; }
export function decodeApplied(core: Core, operation: Operation): KubeObject { return decodeBody(core, operation); }
export function decodeAs<T extends KubeObject>({ body }: Operation, _definition: string, _type: { kind: string; apiVersion: string }): T { return parse(body) as T; }
export function decodeVirtual(_core: Core, _resource: unknown, call: { body: Body }): any { return parse(call.body); }
