import type { Structure } from '../structure.ts';

/** A body that cannot be read as the wanted type; the message is worded as Go's decoder words it. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** Names of members, and positions in lists, from the top of a document. */
export type Path = readonly (string | number)[];

/** `spec.containers[0].image`. */
export function pathText(path: Path): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** `json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32`. */
export function wrongType(found: string, path: Path, root: Structure, type: Structure): DecodeError {
  const where = structField(path, root);
  const into =
    where === undefined ? `Go value of type ${goType(type)}` : `Go struct field ${where} of type ${goType(type)}`;
  return new DecodeError(`json: cannot unmarshal ${found} into ${into}`);
}

/** The innermost struct that the path goes through, and all members of structs on the way; Go leaves out keys of maps and positions. */
function structField(path: Path, root: Structure): string | undefined {
  let at: Structure | undefined = root;
  let struct: string | undefined;
  const members: string[] = [];
  for (const part of path) {
    if (at?.kind === 'object' && typeof part === 'string') {
      struct = at.name;
      members.push(part);
      at = at.members.get(part)?.type;
    } else if (at?.kind === 'list' || at?.kind === 'map') {
      at = at.element;
    } else {
      at = undefined;
    }
  }
  return struct === undefined ? undefined : `${struct}.${members.join('.')}`;
}

function goType(type: Structure): string {
  switch (type.kind) {
    case 'object':
      return `v1.${type.name}`;
    case 'list':
      return `[]${goType(type.element)}`;
    case 'map':
      return type.element.kind === 'quantity' ? 'v1.ResourceList' : `map[string]${goType(type.element)}`;
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bytes':
      return '[]uint8';
    case 'quantity':
      return 'resource.Quantity';
    case 'time':
      return 'v1.Time';
    case 'micro-time':
      return 'v1.MicroTime';
    case 'int-or-string':
      return 'intstr.IntOrString';
    case 'any':
      return 'runtime.RawExtension';
    default:
      return type.kind;
  }
}
