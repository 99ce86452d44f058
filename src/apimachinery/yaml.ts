import {
  boolYaml11Tag,
  constructFromEvents,
  DEFAULT_SCALAR_STYLE_RULES,
  defineScalarTag,
  dump,
  EVENT_ID,
  mapTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  parseEvents,
  SCALAR_STYLE,
  Schema,
  seqTag,
  strTag,
  type ScalarLayout,
  YAMLException,
} from 'js-yaml';
import { cloneJson } from './clone.ts';
import { isTooHeavy, mostWeight } from './decode/body-weight.ts';
import { DecodeError } from './decode/decode-error.ts';
import { goNumber } from './go-text.ts';
import { RawNumber } from './raw-number.ts';
import { checkEvents, YamlRefusal } from './yaml/check-events.ts';
import { firstDocument } from './yaml/first-document.ts';

/**
 * YAML as kubectl and the API server read it: the booleans of YAML 1.1, integers in every notation of Go, merge keys,
 * dates as texts, and repeated keys, of which the last counts.
 */
const integerForm = /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[oO]?[0-7_]+|0[bB][01_]+|[0-9][0-9_]*)$/;
const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

const integerTag = defineScalarTag<number | RawNumber>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'+-0123456789'],
  resolve: (source) => (integerForm.test(source) ? integerOf(source) : NOT_RESOLVED),
  identify: (value) => value instanceof RawNumber || (Number.isInteger(value) && !Object.is(value, -0)),
  represent: (value) => (typeof value === 'number' ? goNumber(value) : String(value)),
});

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'+-.0123456789'],
  resolve: (source) => (floatForm.test(source) ? Number(source) : NOT_RESOLVED),
  identify: (value) => typeof value === 'number' && (!Number.isInteger(value) || Object.is(value, -0)),
  represent: (value) => String(value),
});

const largestUnsigned = 2n ** 64n - 1n;
const smallestSigned = -(2n ** 63n);
/** Of what has more digits in any notation, Go makes a float; a number of a million digits would take long to read. */
const mostDigits = 80;

function integerOf(source: string): number | RawNumber {
  const text = source.replaceAll('_', '');
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[-+]/, '');
  const isOctal = /^0[0-7]+$/.test(digits);
  const notation = isOctal ? `0o${digits.slice(1)}` : digits.toLowerCase();
  const nearest = sign * Number(notation);
  if (Number.isSafeInteger(nearest) || digits.length > mostDigits) return nearest;
  const exact = BigInt(sign) * BigInt(notation);
  return exact >= smallestSigned && exact <= largestUnsigned ? RawNumber.ofInteger(exact) : nearest;
}

/** Base64 that becomes a text, as Go's reader makes it. */
const binaryTag = defineScalarTag<string>('tag:yaml.org,2002:binary', {
  resolve: (source, isExplicit) => (isExplicit ? textOfBase64(source) : NOT_RESOLVED),
  identify: () => false,
});

/** Tags that nobody knows are not looked at. */
const otherTag = defineScalarTag<string>('!', {
  matchByTagPrefix: true,
  resolve: (source) => source,
  identify: () => false,
});

function textOfBase64(source: string): string | typeof NOT_RESOLVED {
  const plain = source.replace(/\s/g, '');
  if (plain.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(plain)) return NOT_RESOLVED;
  return new TextDecoder().decode(Uint8Array.from(atob(plain), (char) => char.charCodeAt(0)));
}

const goSchema = new Schema([
  strTag,
  seqTag,
  mapTag,
  nullYaml11Tag,
  boolYaml11Tag,
  integerTag,
  floatTag,
  mergeTag,
  binaryTag,
  otherTag,
]);

/** Nesting that is followed; whoever walks a value may then recurse. */
const maximumDepth = 1000;
/** What an alias stands for counts each time: a document is no larger than the largest body. */
const expandedLetters = 3 * 1024 * 1024;
/** A document has as many values as the heaviest body of JSON, and their keys. */
const expandedNodes = 2 * mostWeight;

export interface YamlDocument {
  readonly value: unknown;
  /** `line 10: key "image" already set in map`. */
  readonly repeated: readonly string[];
}

/**
 * Reads the first document of a YAML text; what follows is not looked at. The value is a tree: what an alias stands for
 * is a copy each time. Throws {@link DecodeError}.
 */
export function parseYaml(text: string): YamlDocument {
  return documentsIn(firstDocument(text), expandedNodes)[0] ?? { value: null, repeated: [] };
}

/** Reads all documents of a YAML text; documents without content are left out. Throws {@link DecodeError}. */
export function parseYamlDocuments(text: string): YamlDocument[] {
  return documentsIn(text, Infinity).filter(({ value }) => value !== null && value !== undefined);
}

function documentsIn(text: string, most: number): YamlDocument[] {
  try {
    const events = parseEvents(text, { maxDepth: maximumDepth });
    const repeated = checkEvents(text, events, { expandedLetters, expandedNodes: most });
    const hasAliases = events.some(({ type }) => type === EVENT_ID.ALIAS);
    const values = constructFromEvents(events, { source: text, schema: goSchema, json: true });
    return values.map((value, index) => ({
      value: hasAliases ? withoutAliases(value) : value,
      repeated: repeated[index] ?? [],
    }));
  } catch (error) {
    if (error instanceof YamlRefusal) throw new DecodeError(`yaml: ${error.message}`);
    if (!(error instanceof YAMLException)) throw error;
    throw new DecodeError(`yaml: ${faultText(error.reason, error.mark?.line)}`);
  }
}

/** What Kubernetes' reader says of faults that are common. It names no line where that is the first. */
const commonFaults: readonly (readonly [RegExp, string])[] = [
  [/^bad indentation of a (mapping|sequence) entry$/, 'mapping values are not allowed in this context'],
  [/^unexpected end of the stream within a (double|single) quoted scalar$/, 'found unexpected end of stream'],
  [/^tab characters must not be used in indentation$/, 'found a tab character where an indentation space is expected'],
  [/^unknown escape sequence$/, 'found unknown escape character'],
];

/** `line` counts from 0. */
function faultText(reason: string, line: number | undefined): string {
  const known = commonFaults.find(([fault]) => fault.test(reason))?.[1];
  const where = line === undefined || (known !== undefined && line === 0) ? '' : `line ${line + 1}: `;
  return `${where}${known ?? reason}`;
}

/** A tree. What it weighs is not to be seen in the text. */
function withoutAliases(value: unknown): unknown {
  if (isTooHeavy(new TextEncoder().encode(JSON.stringify(value))))
    throw new YamlRefusal('document contains excessive aliasing');
  return cloneJson(value);
}

/** Writes a value as YAML with two blanks of indentation, lists not indented, and sorted keys, as kubectl does. */
export function stringifyYaml(value: unknown): string {
  return dump(value, {
    schema: goSchema,
    lineWidth: -1,
    noRefs: true,
    sortKeys: true,
    seqNoIndent: true,
    scalarStyleRules,
  });
}

/** Texts that some reader of YAML takes for a number, a time, a truth value or nothing. */
const ambiguousForms = [
  /^(?:|~|<<|=|y|Y|n|N)$/,
  /^(?:null|yes|no|on|off|true|false|[-+]?\.inf|\.nan)$/i,
  integerForm,
  floatForm,
  /^\d{4}-\d\d?-\d\d?(?:[Tt\s].*)?$/,
  /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/,
];

function quoteAmbiguous(layout: ScalarLayout): void {
  const { node, style } = layout;
  if (style !== SCALAR_STYLE.PLAIN || node.tag !== strTag.tagName) return;
  if (ambiguousForms.some((form) => form.test(node.value))) layout.style = SCALAR_STYLE.DOUBLE_QUOTED;
}

const scalarStyleRules = [quoteAmbiguous, ...Object.values(DEFAULT_SCALAR_STYLE_RULES)];
