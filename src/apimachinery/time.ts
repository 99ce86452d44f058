/**
 * Times on the wire: RFC 3339 in UTC, whole seconds (Time) or six digits of a second (MicroTime). Times inside the
 * program are milliseconds since the Unix epoch.
 */

const timeForm = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(?:Z|([+-])(\d{2}):(\d{2}))$/;

/** What has a year of four digits. */
const earliest = Date.parse('0000-01-01T00:00:00Z');
const latest = Date.parse('9999-12-31T23:59:59Z');

/** `2006-01-02T15:04:05Z`; the fraction of a second is cut off. What no such text can say becomes the last or first that one can. */
export function rfc3339(milliseconds: number): string {
  const second = Math.floor(Math.min(Math.max(milliseconds, earliest), latest) / 1000);
  if (second !== lastSecond) {
    lastText = `${new Date(second * 1000).toISOString().slice(0, 19)}Z`;
    lastSecond = second;
  }
  return lastText;
}

/** What is written in a second is mostly written with the same time. */
let lastSecond = Number.NaN;
let lastText = '';

/** `2006-01-02T15:04:05.000000Z`. */
export function rfc3339Micro(milliseconds: number): string {
  const whole = Math.floor(milliseconds);
  const micros = Math.floor((milliseconds - whole) * 1000);
  return `${new Date(whole).toISOString().slice(0, 23)}${String(micros).padStart(3, '0')}Z`;
}

/** Milliseconds since the epoch of an RFC 3339 text, with or without a fraction; `undefined` for anything else. */
export function parseTime(text: string | undefined | null): number | undefined {
  const match = text ? timeForm.exec(text) : null;
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHours) > 23 || Number(zoneMinutes) > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (date.getUTCMonth() !== Number(month) - 1 || date.getUTCDate() !== Number(day)) return undefined;
  const zone = (Number(zoneHours) * 60 + Number(zoneMinutes)) * (sign === '-' ? -60_000 : 60_000);
  const ofDay = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second)) * 1000;
  return date.getTime() + ofDay - zone + (fraction === '' ? 0 : Number(`0.${fraction}`) * 1000);
}

/** A Time as the server writes it back: in UTC, without a fraction. `undefined` when the text is no time. */
export function normalTime(text: string): string | undefined {
  if (isNormalTime(text)) return text;
  const at = parseTime(text);
  return at === undefined ? undefined : rfc3339(at);
}

/**
 * A MicroTime as the server writes it back: in UTC. `undefined` when the text is no time with exactly six digits of a
 * second.
 */
export function normalMicroTime(text: string): string | undefined {
  const at = parseTime(text);
  const digits = /\.(\d{6})\D/.exec(text)?.[1];
  return at === undefined || digits === undefined ? undefined : `${rfc3339(at).slice(0, 19)}.${digits}Z`;
}

/** Days that are in every year; February 29 is looked at more closely. */
const normalForm =
  /^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

function isNormalTime(text: string): boolean {
  return normalForm.test(text);
}

/** What Go says about a text that is no time; `isMicro`: one with six digits behind the second. */
export function timeComplaint(text: string, isMicro = false): string {
  const layout = isMicro ? '2006-01-02T15:04:05.000000Z07:00' : '2006-01-02T15:04:05Z07:00';
  const quoted = JSON.stringify(text);
  const parts: [RegExp, string][] = [
    [/^\d{4}/, '2006'],
    [/^-/, '-'],
    [/^\d{2}/, '01'],
    [/^-/, '-'],
    [/^\d{2}/, '02'],
    [/^T/, 'T'],
    [/^\d{2}/, '15'],
    [/^:/, ':'],
    [/^\d{2}/, '04'],
    [/^:/, ':'],
    ...(isMicro ? microSeconds : seconds),
    [/^(Z|[+-]\d{2}:\d{2})/, 'Z07:00'],
  ];
  let rest = text;
  for (const [pattern, name] of parts) {
    const found = pattern.exec(rest);
    if (!found)
      return `parsing time ${quoted} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as "${name}"`;
    rest = rest.slice(found[0].length);
  }
  if (rest !== '') return `parsing time ${quoted}: extra text: ${JSON.stringify(rest)}`;
  return `parsing time ${quoted}: ${outOfRange(text)} out of range`;
}

const seconds: readonly [RegExp, string][] = [[/^\d{2}(\.\d+)?/, '05']];
const microSeconds: readonly [RegExp, string][] = [
  [/^\d{2}/, '05'],
  [/^\.\d{6}/, '.000000'],
];

function outOfRange(text: string): string {
  const month = Number(text.slice(5, 7));
  if (month < 1 || month > 12) return 'month';
  if (Number(text.slice(11, 13)) > 23) return 'hour';
  if (Number(text.slice(14, 16)) > 59) return 'minute';
  if (Number(text.slice(17, 19)) > 59) return 'second';
  return 'day';
}
