import { protobuf } from '../../api/protobuf.ts';
import { parseJson } from '../../apimachinery/decode/parse-json.ts';
import { parseYaml } from '../../apimachinery/yaml.ts';
import type { Content } from '../request/operation.ts';
import type { Body } from '../rest/operation.ts';

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
