import { parseGoDuration } from '../../apimachinery/duration.ts';
import { byteLength } from '../../apimachinery/go-text.ts';
import { parseCidr, parseIp } from '../../apimachinery/ip.ts';

/**
 * The formats of texts that schemas of custom kinds may ask for, by their names without hyphens, and who takes them. What
 * is named otherwise asks for nothing.
 */
const formats: Readonly<Record<string, (text: string) => boolean>> = {
  bsonobjectid: (text) => /^[0-9a-fA-F]{24}$/.test(text),
  uri: isRequestUri,
  email: isMailAddress,
  hostname: isHostname,
  ipv4: (text) => isShort(text) && text.includes('.') && parseIp(withoutLeadingZeros(text)) !== undefined,
  ipv6: (text) => isShort(text) && text.includes(':') && parseIp(text) !== undefined,
  cidr: (text) => isShort(text) && parseCidr(withoutLeadingZeros(text)) !== undefined,
  mac: isMacAddress,
  uuid: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid3: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(text),
  uuid4: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  uuid5: (text) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i.test(text),
  isbn: (text) => isIsbn10(text) || isIsbn13(text),
  isbn10: isIsbn10,
  isbn13: isIsbn13,
  creditcard: isCreditCard,
  ssn: (text) => text.length === 11 && /^\d{3}[- ]?\d{2}[- ]?\d{4}$/.test(text),
  hexcolor: (text) => /^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/.test(text),
  rgbcolor: isRgbColor,
  byte: (text) => /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/.test(text),
  password: () => true,
  date: isDate,
  duration: isDuration,
  datetime: isDateTime,
  k8sshortname: (text) => text.length <= 63 && shortName.test(text),
  k8slongname: (text) => text.length <= 253 && longName.test(text),
};

const shortName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const longName = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

/** Whether a text has a format; one that is not known asks for nothing. */
export function hasFormat(format: string, text: string): boolean {
  return formatTest(format)?.(text) ?? true;
}

export function isTextFormat(format: string): boolean {
  return formatTest(format) !== undefined;
}

function formatTest(format: string): ((text: string) => boolean) | undefined {
  const name = format.replaceAll('-', '');
  return Object.hasOwn(formats, name) ? formats[name] : undefined;
}

/** Whether a schema's format means something for its type; the others count as none. */
export function isKnownFormat(format: string, type = ''): boolean {
  if (type === '' || type === 'string') return isTextFormat(format);
  if (type === 'integer') return format === 'int32' || format === 'int64';
  return type === 'number' && (format === 'float' || format === 'double');
}

/** Addresses and networks have fewer letters; what looks at them more than once is not given a long text. */
function isShort(text: string): boolean {
  return text.length <= 64;
}

/** Go once read `010` as ten, and still does here. */
function withoutLeadingZeros(text: string): string {
  return text.replace(/(^|[.:])0+(?=\d+(?:[./]|$))/g, '$1');
}

/** An absolute URI, or an absolute path. */
function isRequestUri(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what Go refuses in addresses
  if (text === '' || /[\x00-\x1f\x7f]/.test(text) || /%(?![0-9a-fA-F]{2})/.test(text)) return false;
  if (text.startsWith('/') || text === '*') return true;
  const [, rest] = /^[a-zA-Z][a-zA-Z0-9+.-]*:(.*)$/.exec(text) ?? [];
  if (rest === undefined) return false;
  const authority = /^\/\/([^/?]*)/.exec(rest)?.[1] ?? '';
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (/[ <>"]/.test(host)) return false;
  const port = host.startsWith('[')
    ? host.slice(host.indexOf(']') + 1)
    : host.slice(host.indexOf(':') < 0 ? host.length : host.indexOf(':'));
  return port === '' || /^:\d*$/.test(port);
}

const mailAtom = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~\\u0080-\\u{10ffff}-]+";
const mailAtoms = `${mailAtom}(?:\\.${mailAtom})*`;
const mailAddress = new RegExp(String.raw`^(?:${mailAtoms}|"(?:[^"\\]|\\.)+")@(?:${mailAtoms}|\[[^\[\]]+\])$`, 'u');
const mailName = /^(?:"(?:[^"\\]|\\.)*"|[^<>@",;]*)$/;
/** Mail goes to shorter addresses only (RFC 5321, 4.5.3.1), and names that long are none. */
const longestMail = 4096;

/** `Name <user@host>`, or an address alone. */
function isMailAddress(text: string): boolean {
  if (text.length > longestMail) return false;
  const trimmed = text.trim();
  if (!trimmed.endsWith('>')) return mailAddress.test(trimmed);
  const start = trimmed.lastIndexOf('<');
  return start >= 0 && mailName.test(trimmed.slice(0, start).trim()) && mailAddress.test(trimmed.slice(start + 1, -1));
}

const hostname =
  /^([a-zA-Z0-9\p{S}\p{L}]((-?[a-zA-Z0-9\p{S}\p{L}]{0,62})?)|([a-zA-Z0-9\p{S}\p{L}](([a-zA-Z0-9\-\p{S}\p{L}]{0,61}[a-zA-Z0-9\p{S}\p{L}])?)(\.)){1,}([a-zA-Z\p{L}]){2,63})$/u;

function isHostname(text: string): boolean {
  if (byteLength(text) > 255) return false;
  return hostname.test(text) && text.split('.').every((label) => byteLength(label) <= 63);
}

function isMacAddress(text: string): boolean {
  const pairs = (separator: string) =>
    [6, 8, 20].some((count) => new RegExp(`^[0-9a-fA-F]{2}(${separator}[0-9a-fA-F]{2}){${count - 1}}$`).test(text));
  const quads = () =>
    [3, 4, 10].some((count) => new RegExp(`^[0-9a-fA-F]{4}(\\.[0-9a-fA-F]{4}){${count - 1}}$`).test(text));
  return text.length <= 59 && (pairs(':') || pairs('-') || quads());
}

function isIsbn10(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^(?:[0-9]{9}X|[0-9]{10})$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < 10; at++) sum += (at + 1) * (digits[at] === 'X' ? 10 : Number(digits[at]));
  return sum % 11 === 0;
}

function isIsbn13(text: string): boolean {
  const digits = text.replace(/[\s-]+/g, '');
  if (!/^[0-9]{13}$/.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < 12; at++) sum += (at % 2 === 0 ? 1 : 3) * Number(digits[at]);
  return Number(digits[12]) === (10 - (sum % 10)) % 10;
}

const cardNumber =
  /^(?:4[0-9]{12}(?:[0-9]{3})?|5[1-5][0-9]{14}|6(?:011|5[0-9][0-9])[0-9]{12}|3[47][0-9]{13}|3(?:0[0-5]|[68][0-9])[0-9]{11}|(?:2131|1800|35\d{3})\d{11})$/;

function isCreditCard(text: string): boolean {
  const digits = text.replace(/[^0-9]+/g, '');
  if (!cardNumber.test(digits)) return false;
  let sum = 0;
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at]);
    const doubled = at % 2 === 1 ? digit * 2 : digit;
    sum += doubled >= 10 ? (doubled % 10) + 1 : doubled;
  }
  return sum % 10 === 0;
}

function isRgbColor(text: string): boolean {
  const part = '\\s*(0|[1-9]\\d?|1\\d\\d?|2[0-4]\\d|25[0-5])\\s*';
  return new RegExp(`^rgb\\(${part},${part},${part}\\)$`).test(text);
}

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === undefined) return false;
  const at = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(at.getTime()) && at.getUTCMonth() + 1 === Number(month) && at.getUTCDate() === Number(day);
}

function isDateTime(text: string): boolean {
  const [date = '', time] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date)) return false;
  const [, hours = '', minutes = '', seconds = ''] =
    /^([0-9]{2}):([0-9]{2}):([0-9]{2})(.[0-9]+)?(z|([+-][0-9]{2}:[0-9]{2}))$/.exec(time) ?? [];
  return hours !== '' && hours <= '23' && minutes <= '59' && seconds <= '59';
}

const units = [
  'ns',
  'nano',
  'us',
  'µs',
  'micro',
  'ms',
  'milli',
  's',
  'sec',
  'm',
  'min',
  'h',
  'hr',
  'hour',
  'd',
  'day',
  'w',
  'wk',
  'week',
];
/** What a longer word for a unit begins with. */
const words = ['nano', 'micro', 'milli', 'sec', 'min', 'hour', 'day', 'week'];

/** As Go's durations, or numbers with units in words: `3 days`. */
function isDuration(text: string): boolean {
  if (parseGoDuration(text) !== undefined) return true;
  // Not from the middle of a number: each of its digits would be a place to begin.
  for (const [, unit = ''] of text.matchAll(/(?<!\d)\d+\s*([A-Za-zµ]+)/g)) {
    const name = unit.toLowerCase();
    if (units.includes(name) || words.some((word) => name.startsWith(word))) return true;
  }
  return false;
}
