import { goQuote } from './go-text.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** A duration in milliseconds as kubectl's AGE column shows it: two or three figures, `5m`, `3d4h`, `2y10d`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  // A clock that is a little ahead is no reason to call an age invalid.
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  if (milliseconds < 10 * minute) return pair(milliseconds, minute, 'm', second, 's');
  if (milliseconds < 180 * minute) return `${Math.trunc(milliseconds / minute)}m`;
  if (milliseconds < 8 * hour) return pair(milliseconds, hour, 'h', minute, 'm');
  if (milliseconds < 48 * hour) return `${Math.trunc(milliseconds / hour)}h`;
  if (milliseconds < 8 * day) return pair(milliseconds, day, 'd', hour, 'h');
  if (milliseconds < 2 * year) return `${Math.trunc(milliseconds / day)}d`;
  if (milliseconds < 8 * year) return pair(milliseconds, year, 'y', day, 'd');
  return `${Math.trunc(milliseconds / year)}y`;
}

/** The same with one figure only. */
export function shortHumanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / second);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 60) return `${seconds}s`;
  if (milliseconds < hour) return `${Math.trunc(milliseconds / minute)}m`;
  if (milliseconds < day) return `${Math.trunc(milliseconds / hour)}h`;
  if (milliseconds < year) return `${Math.trunc(milliseconds / day)}d`;
  return `${Math.trunc(milliseconds / year)}y`;
}

function pair(milliseconds: number, big: number, bigName: string, small: number, smallName: string): string {
  const rest = Math.trunc((milliseconds % big) / small);
  const whole = `${Math.trunc(milliseconds / big)}${bigName}`;
  return rest === 0 ? whole : `${whole}${rest}${smallName}`;
}

const unitMilliseconds: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: second,
  m: minute,
  h: hour,
};

/** Milliseconds of a Go duration (`1h30m`, `1.5s`, `-2m`, `0`); `undefined` when the text is none. */
export function parseGoDuration(text: string): number | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text)!;
  if (rest === '0') return 0;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0;
  for (const [, amount, unit] of rest.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g))
    total += Number(amount) * unitMilliseconds[unit!]!;
  return sign === '-' ? -total : total;
}

/** What Go says about a text that is no duration. */
export function goDurationComplaint(text: string): string {
  const quoted = goQuote(text);
  let rest = text.replace(/^[+-]/, '');
  while (rest !== '') {
    const [number = ''] = /^(?:\d+(?:\.\d*)?|\.\d+)/.exec(rest) ?? [];
    if (number === '') break;
    const [unit = ''] = /^[^.\d]*/.exec(rest.slice(number.length)) ?? [];
    if (unit === '') return `time: missing unit in duration ${quoted}`;
    if (unitMilliseconds[unit] === undefined) return `time: unknown unit ${goQuote(unit)} in duration ${quoted}`;
    rest = rest.slice(number.length + unit.length);
  }
  return `time: invalid duration ${quoted}`;
}

/** A duration as Go prints it: `1h0m0s`, `1m30s`, `1.5s`, `100ms`, `0s`. */
export function goDuration(milliseconds: number): string {
  if (milliseconds === 0) return '0s';
  const sign = milliseconds < 0 ? '-' : '';
  const nanos = Math.round(Math.abs(milliseconds) * 1e6);
  if (nanos < 1e3) return `${sign}${nanos}ns`;
  if (nanos < 1e6) return `${sign}${decimal(nanos, 1e3)}µs`;
  if (nanos < 1e9) return `${sign}${decimal(nanos, 1e6)}ms`;
  const hours = Math.floor(nanos / 3.6e12);
  const minutes = Math.floor((nanos % 3.6e12) / 6e10);
  const seconds = decimal(nanos % 6e10, 1e9);
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}

function decimal(amount: number, unit: number): string {
  const whole = Math.floor(amount / unit);
  const digits = String(unit).length - 1;
  const fraction = String(Math.round(amount % unit))
    .padStart(digits, '0')
    .replace(/0+$/, '');
  return fraction === '' ? String(whole) : `${whole}.${fraction}`;
}
