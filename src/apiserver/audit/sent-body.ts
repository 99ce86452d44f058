import { protobuf } from '../../api/protobuf.ts';
import { cloneJson } from '../../apimachinery/clone.ts';
import { decodeValue } from '../../apimachinery/decode/decode.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import type { KubeObject } from '../../apimachinery/object.ts';
import { isObject } from '../../apimachinery/patch/json-value.ts';
import { parseYaml } from '../../apimachinery/yaml.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { isLarge } from '../large.ts';
import type { Content } from '../request/operation.ts';
import type { Body } from '../rest/operation.ts';

/**
 * What a request brought, as an object of its kind: without what is unknown, with defaults, before admission. Where that
 * cannot be made of it, or would take long, as it was sent.
 */
export function sentObject(sent: unknown, { body }: Content, served: ServedVersion): unknown {
  if (body === undefined || ('bytes' in body && isLarge(body.bytes.length))) return sent;
  try {
    const { value } = decodeValue(cloneJson(sent), served.structure);
    const { kind: _kind, apiVersion: _apiVersion, ...members } = value as unknown as KubeObject;
    const object = { kind: served.type.kind, apiVersion: served.apiVersion, ...members };
    served.strategy.defaults?.(object);
    return object;
  } catch {
    return sent;
  }
}

/** The options of a delete, under the name that Kubernetes has for them within. */
export function sentOptions(sent: unknown): unknown {
  if (!isObject(sent)) return sent;
  return { ...sent, kind: 'DeleteOptions', apiVersion: 'meta.k8s.io/__internal' };
}

/**
 * What a request brought, as JSON has it: before defaults and admission. `definition`: of its protobuf form. `undefined`
 * where there is nothing, or nothing that can be read.
 */
export function sentBody({ body }: Content, definition: string | undefined): unknown {
  if (body === undefined) return undefined;
  if ('value' in body) return body.value;
  if (body.bytes.length === 0) return undefined;
  try {
    return parsed(body, definition);
  } catch {
    // Why it cannot be read is in the answer.
    return undefined;
  }
}

function parsed(body: Extract<Body, { bytes: Uint8Array }>, definition: string | undefined): unknown {
  const { bytes, mediaType } = body;
  if (body.yaml !== undefined) return 'refusal' in body.yaml ? undefined : body.yaml.json().value;
  if (mediaType.endsWith('yaml')) return parseYaml(Buffer.from(bytes).toString()).value;
  if (mediaType === 'application/vnd.kubernetes.protobuf')
    return definition === undefined ? undefined : protobuf.decode(bytes, definition);
  return body.json?.().value ?? parseJson(Buffer.from(bytes).toString());
}
