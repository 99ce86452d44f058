import { decodeDocument, strictDecodingError } from '../../apimachinery/decode/decode.ts';
import { DecodeError } from '../../apimachinery/decode/decode-error.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { structureOf } from '../../apimachinery/structure.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { parseYamlDocuments, type YamlDocument } from '../../apimachinery/yaml.ts';
import type { ConfigurationKind } from './configuration-kind.ts';
import { configurationKinds, type ApiConfiguration } from './kinds.ts';

/** A configuration cannot be used; each problem is a sentence in Kubernetes' words, without a value that may be secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

const kinds: readonly (readonly [name: string, kind: ConfigurationKind<object>])[] = Object.entries(configurationKinds);

/**
 * Reads the documents of a YAML text, each of another one of {@link configurationKinds}. Throws {@link ConfigurationError}
 * with all that is wrong: unknown and repeated fields too.
 */
export function readConfiguration(text: string): ApiConfiguration {
  const read: Record<string, object> = {};
  const problems: string[] = [];
  for (const document of documentsIn(text)) {
    const found = kindOf(document.value);
    if (typeof found === 'string') problems.push(found);
    else {
      const [name, kind] = found;
      if (read[name] !== undefined) problems.push(`${kind.kind}: there is more than one document of this kind`);
      const outcome = readDocument(kind, document);
      read[name] = outcome.value;
      problems.push(...outcome.problems.map((problem) => `${kind.kind}: ${problem}`));
    }
  }
  if (read['auditOutput'] !== undefined && read['auditPolicy'] === undefined)
    problems.push('AuditOutput: nothing would be recorded, as there is no Policy of audit.k8s.io/v1 beside it');
  if (problems.length > 0) throw new ConfigurationError(problems);
  return read;
}

function documentsIn(text: string): YamlDocument[] {
  const documents = fromDecoder(() => parseYamlDocuments(text));
  if (typeof documents === 'string') throw new ConfigurationError([documents]);
  if (documents.length === 0) throw new ConfigurationError(['there is no document in it']);
  return documents;
}

/** Which kind a document says that it is, or why it is none. */
function kindOf(value: unknown): (typeof kinds)[number] | string {
  const { apiVersion, kind } = (value ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (typeof kind !== 'string' || kind === '') return "Object 'Kind' is missing in a document";
  if (typeof apiVersion !== 'string' || apiVersion === '') return `Object 'apiVersion' is missing in a ${kind}`;
  const found = kinds.find(([, one]) => one.kind === kind && one.apiVersions.includes(apiVersion));
  if (found !== undefined) return found;
  const known = kinds.map(([, one]) => `${one.kind} of ${one.apiVersions.join(' and ')}`).join(', ');
  return `no kind ${goQuote(kind)} is registered for version ${goQuote(apiVersion)}: there are ${known}`;
}

function readDocument(
  kind: ConfigurationKind<object>,
  document: YamlDocument,
): { readonly value: object; readonly problems: readonly string[] } {
  const decoded = fromDecoder(() => decodeDocument(document, structureOf(kind.schema, kind.kind)));
  if (typeof decoded === 'string') return { value: {}, problems: [decoded] };
  const { value, complaints } = decoded;
  if (complaints.length > 0) return { value, problems: [strictDecodingError(complaints)] };
  kind.defaults?.(value);
  return { value, problems: kind.validate(value).map(fieldErrorText) };
}

/** What was decoded, or why nothing could be. */
function fromDecoder<T extends object>(decode: () => T): T | string {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DecodeError) return error.message;
    throw error;
  }
}
