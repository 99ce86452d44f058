import {
  dns1035Label,
  dnsLabel,
  dnsSubdomain,
  labelNames,
  labelValueText,
  qualifiedName,
  subdomainNames,
} from '../../apimachinery/names.ts';
import { memberOverload, overload, type Library } from '../check/function.ts';
import { listType, optionalType, stringType, structType } from '../type.ts';
import { decodeBase64 } from '../values/base64.ts';
import { secondsOf } from '../values/time.ts';
import { CelObject, none, Optional } from '../values/value.ts';
import { urlComplaint } from './go-url.ts';

const formatType = structType('kubernetes.NamedFormat');

/** A rule for texts, by name. */
class Format extends CelObject {
  readonly name: string;
  readonly complaints: (text: string) => readonly string[];
  /** Letters of the pattern that stands for it in costs. */
  readonly patternSize: number;

  constructor(name: string, patternSize: number, complaints: (text: string) => readonly string[]) {
    super();
    this.name = name;
    this.patternSize = patternSize;
    this.complaints = complaints;
  }

  get type() {
    return formatType;
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof Format && other.name === this.name;
  }
}

const unless = (isValid: (text: string) => boolean, complaint: string) => (text: string) =>
  isValid(text) ? [] : [complaint];

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text) ?? [];
  return year !== undefined && secondsOf(Number(year), Number(month), Number(day)) !== undefined;
}

function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  const match = /^(\d\d):(\d\d):(\d\d)(?:.\d+)?(?:z|[+-]\d\d:\d\d)$/.exec(time ?? '');
  return isDate(date) && match !== null && match[1]! <= '23' && match[2]! <= '59' && match[3]! <= '59';
}

const uuidForm = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

const formats: ReadonlyMap<string, Format> = new Map([
  ['dns1123Label', new Format('DNS1123Label', 30, dnsLabel)],
  ['dns1123Subdomain', new Format('DNS1123Subdomain', 60, dnsSubdomain)],
  ['dns1035Label', new Format('DNS1035Label', 30, dns1035Label)],
  ['qualifiedName', new Format('QualifiedName', 60, qualifiedName)],
  ['dns1123LabelPrefix', new Format('DNS1123LabelPrefix', 30, (text) => labelNames(text, true))],
  ['dns1123SubdomainPrefix', new Format('DNS1123SubdomainPrefix', 60, (text) => subdomainNames(text, true))],
  ['dns1035LabelPrefix', new Format('DNS1035LabelPrefix', 30, (text) => dns1035Label(text.replace(/-$/, 'a')))],
  ['labelValue', new Format('LabelValue', 40, labelValueText)],
  ['uri', new Format('URI', 1103, (text) => [urlComplaint(text) ?? []].flat())],
  [
    'uuid',
    new Format(
      'uuid',
      70,
      unless((text) => uuidForm.test(text), 'does not match the UUID format'),
    ),
  ],
  [
    'byte',
    new Format(
      'byte',
      84,
      unless((text) => decodeBase64(text, 'standard') !== undefined, 'invalid base64'),
    ),
  ],
  ['date', new Format('date', 71, unless(isDate, 'invalid date'))],
  ['datetime', new Format('datetime', 71, unless(isDateTime, 'invalid datetime'))],
]);

function validate({ complaints }: Format, text: string): Optional {
  const found = complaints(text);
  return found.length === 0 ? none : new Optional([...found]);
}

/** Rules for texts: `format.dns1123Label().validate(name)`. */
export const formatLibrary: Library = {
  'format.named': [
    overload('format-named', [stringType], optionalType(formatType), (name: string) => {
      const found = formats.get(name);
      return found ? new Optional(found) : none;
    }),
  ],
  validate: [memberOverload('format-validate', [formatType, stringType], optionalType(listType(stringType)), validate)],
  ...Object.fromEntries(
    [...formats].map(([name, format]) => [
      `format.${name}`,
      [overload(`format.${name}`, [], formatType, () => format)],
    ]),
  ),
};
