import { fieldErrorText } from '../validation.ts';
import { labelTest } from './label-test.ts';
import {
  keyErrors,
  inOrder,
  requirement,
  requirementText,
  SelectorError,
  unknownOperator,
  type Labels,
  type Operator,
  type Requirement,
} from './requirement.ts';

/** A compiled label selector: all requirements must hold. */
export interface LabelMatcher {
  /** In ascending order of keys. Empty: everything matches, unless the selector selects nothing. */
  readonly requirements: readonly Requirement[];
  matches(labels: Labels | undefined): boolean;
}

/** A LabelSelector as it stands in specs (meta/v1); the generated type fits. */
export interface LabelSelectorObject {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

const everything: LabelMatcher = { requirements: [], matches: () => true };
export const nothing: LabelMatcher = { requirements: [], matches: () => false };

/** Reads the text form: `a=b,c!=d,e in (f,g),h notin (i),j,!k,l>1,m<2`. Throws {@link SelectorError}. */
export function parseLabelSelector(text: string): LabelMatcher {
  return matcherOf(new Parser(text).selector());
}

/**
 * The matcher of a LabelSelector in a spec. No selector matches nothing, an empty one everything.
 * Throws {@link SelectorError} for what validation would have refused.
 */
export function labelSelectorOf(selector: LabelSelectorObject | undefined | null): LabelMatcher {
  return selector ? matcherOf(requirementsOf(selector)) : nothing;
}

/** As {@link labelSelectorOf}, just the function. */
export function labelSelectorMatcher(
  selector: LabelSelectorObject | undefined | null,
): (labels: Labels | undefined) => boolean {
  return labelSelectorOf(selector).matches;
}

/** The matcher of a plain map: every label must have the given value. An empty map matches everything. */
export function labelMapMatcher(
  wanted: Readonly<Record<string, string>> | undefined,
): (labels: Labels | undefined) => boolean {
  const entries = Object.entries(wanted ?? {});
  return (labels = noLabels) => entries.every(([key, value]) => labels[key] === value);
}

/** The text form of a LabelSelector in a spec, as `status.selector` of scale shows it. */
export function labelSelectorText(selector: LabelSelectorObject | undefined | null): string {
  return matcherText(labelSelectorOf(selector));
}

/** The text form; empty for everything and for nothing. */
export function matcherText({ requirements }: LabelMatcher): string {
  return requirements.map(requirementText).join(',');
}

function requirementsOf({ matchLabels = {}, matchExpressions = [] }: LabelSelectorObject): Requirement[] {
  const requirements = Object.entries(matchLabels).map(([key, value]) => requirement(key, '=', [value]));
  for (const { key, operator, values } of matchExpressions) {
    const known = expressionOperators[operator];
    if (known === undefined) throw unknownOperator(operator);
    requirements.push(requirement(key, known, values ?? []));
  }
  return requirements;
}

const expressionOperators: Partial<Record<string, Operator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
};

const noLabels: Labels = {};

function matcherOf(requirements: Requirement[]): LabelMatcher {
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  if (requirements.length === 0) return everything;
  const test = labelTest(requirements);
  return { requirements, matches: (labels) => test(labels ?? noLabels) };
}

interface Token {
  readonly kind: 'word' | 'symbol' | 'end' | 'error';
  readonly text: string;
}

const symbols = ['(', ')', ',', '!', '=', '==', '!=', '>', '<'];
const symbolTokens = new Map(symbols.map((text): [string, Token] => [text, { kind: 'symbol', text }]));
const end: Token = { kind: 'end', text: '' };

/** Words and symbols of one selector: to read more would take longer than others should wait. */
const mostTokens = 20_000;

/** Words are whatever stands between blanks and symbols; of symbols in a row, the longest known one is taken. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  for (const run of text.match(/[=!(),><]+|[^=!(),><\s]+/g) ?? []) {
    if (tokens.length > mostTokens)
      throw new SelectorError(`unable to parse requirement: more than ${mostTokens} words and symbols`);
    if (!'=!(),><'.includes(run[0]!)) {
      tokens.push({ kind: 'word', text: run });
      continue;
    }
    for (let at = 0; at < run.length;) {
      const symbol = symbolTokens.has(run.slice(at, at + 2)) ? run.slice(at, at + 2) : run[at]!;
      tokens.push(symbolTokens.get(symbol)!);
      at += symbol.length;
    }
  }
  tokens.push(end);
  return tokens;
}

const binaryOperators = new Map<string, Operator>([
  ['in', 'in'],
  ['notin', 'notin'],
  ['=', '='],
  ['==', '=='],
  ['!=', '!='],
  ['>', 'gt'],
  ['<', 'lt'],
]);

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(text: string) {
    this.#tokens = tokensOf(text);
  }

  selector(): Requirement[] {
    const requirements: Requirement[] = [];
    if (this.#peek().kind === 'end') return requirements;
    if (!this.#startsRequirement())
      throw new SelectorError(`found '${this.#peek().text}', expected: !, identifier, or 'end of string'`);
    for (;;) {
      requirements.push(this.#requirementOrThrow());
      const { kind, text } = this.#take();
      if (kind === 'end') return requirements;
      if (text !== ',') throw new SelectorError(`found '${text}', expected: ',' or 'end of string'`);
      if (!this.#startsRequirement())
        throw new SelectorError(`found '${this.#peek().text}', expected: identifier after ','`);
    }
  }

  #requirementOrThrow(): Requirement {
    try {
      return this.#requirement();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      throw new SelectorError(`unable to parse requirement: ${error.message}`);
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek().text === '!';
    if (negated) this.#take();
    const key = this.#take();
    if (key.kind !== 'word') throw new SelectorError(`found '${key.text}', expected: identifier`);
    // The place of a key has no name upstream.
    const [wrong] = keyErrors('<nil>', key.text);
    if (wrong) throw new SelectorError(fieldErrorText(wrong));
    if (negated) return requirement(key.text, '!', []);
    if (this.#isAt(',') || this.#peek().kind === 'end') return requirement(key.text, 'exists', []);

    const found = this.#take();
    const operator = binaryOperators.get(found.text);
    if (operator === undefined)
      throw new SelectorError(`found '${found.text}', expected: in, notin, =, ==, !=, gt, lt`);
    const values = operator === 'in' || operator === 'notin' ? this.#list() : [this.#value()];
    return requirement(key.text, operator, inOrder(values));
  }

  #value(): string {
    if (this.#isAt(',') || this.#peek().kind === 'end') return '';
    const { kind, text } = this.#take();
    if (kind !== 'word') throw new SelectorError(`found '${text}', expected: identifier`);
    return text;
  }

  /** Values in parentheses; between commas there may be nothing, which is the empty value. */
  #list(): string[] {
    const open = this.#take();
    if (open.text !== '(') throw new SelectorError(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.text === ')') {
      this.#take();
      return [''];
    }
    if (first.kind !== 'word' && first.text !== ',')
      throw new SelectorError(`found '${first.text}', expected: ',', ')' or identifier`);
    const values: string[] = [];
    for (;;) {
      const { kind, text } = this.#take();
      if (kind === 'word') {
        values.push(text);
        if (this.#isAt(')')) break;
        if (!this.#isAt(',')) throw new SelectorError(`found '${this.#peek().text}', expected: ',' or ')'`);
      } else if (text === ',') {
        if (values.length === 0 || this.#isAt(',')) values.push('');
        if (!this.#isAt(')')) continue;
        values.push('');
        break;
      } else {
        throw new SelectorError(`found '${text}', expected: ',', or identifier`);
      }
    }
    this.#take();
    return values;
  }

  #startsRequirement(): boolean {
    return this.#peek().kind === 'word' || this.#isAt('!');
  }

  #isAt(symbol: string): boolean {
    const token = this.#peek();
    return token.kind === 'symbol' && token.text === symbol;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? end;
  }

  #take(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }
}
