import { CelError, Duration, largestInt, smallestInt, Timestamp } from './value.ts';

/** The first and the last second of the years that the language has, 1 to 9999. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;
const nanosPerSecond = 1_000_000_000n;

/** The point in time, or why it is none. */
export function timestampOf(seconds: number, nanos: number): Timestamp | CelError {
  if (seconds < firstSecond || seconds > lastSecond) return new CelError('timestamp overflow');
  return new Timestamp(seconds, nanos);
}

export function durationOf(nanos: bigint): Duration | CelError {
  if (nanos > largestInt || nanos < smallestInt) return new CelError('duration overflow');
  return new Duration(nanos);
}

const rfc3339Form = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,](\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/** Reads RFC 3339 with up to nanoseconds; `undefined` where the text is none. */
export function parseTimestamp(text: string): Timestamp | CelError | undefined {
  const match = rfc3339Form.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute, second, fraction = '', sign, zoneHours = '0', zoneMinutes = '0'] = match;
  const local = secondsOf(Number(year), Number(month), Number(day));
  if (local === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined;
  if (Number(zoneHours) > 24 || Number(zoneMinutes) > 59) return undefined;
  const time = Number(hour) * 3600 + Number(minute) * 60 + Number(second);
  const zone = (Number(zoneHours) * 3600 + Number(zoneMinutes) * 60) * (sign === '-' ? -1 : 1);
  return timestampOf(local + time - zone, Number(fraction.slice(0, 9).padEnd(9, '0')));
}

/** The second at which the day begins in UTC; `undefined` where the month has no such day. */
export function secondsOf(year: number, month: number, day: number): number | undefined {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  return date.getTime() / 1000;
}

/** RFC 3339 in UTC, with as many digits of a second as are needed. */
export function timestampText({ seconds, nanos }: Timestamp): string {
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19);
  const fraction = nanos === 0 ? '' : `.${String(nanos).padStart(9, '0').replace(/0+$/, '')}`;
  return `${whole}${fraction}Z`;
}

/** Seconds with a fraction: `90.5s`. */
export function durationText({ nanos }: Duration): string {
  return `${secondsText(nanos)}s`;
}

function secondsText(nanos: bigint): string {
  // Kubernetes goes through a double, which long durations with nanoseconds are too fine for.
  const seconds = Number(nanos / nanosPerSecond) + Number(nanos % nanosPerSecond) / 1e9;
  const text = String(seconds);
  return text.includes('e') ? seconds.toFixed(9).replace(/0+$/, '') : text;
}

const unitNanos: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: nanosPerSecond,
  m: 60n * nanosPerSecond,
  h: 3600n * nanosPerSecond,
};

/** Reads a duration as Go writes it (`1h30m`, `-1.5s`); `undefined` where the text is none or too long for 64 bits. */
export function parseDuration(text: string): Duration | undefined {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/s.exec(text)!;
  if (rest === '0') return new Duration(0n);
  if (rest.length > 200 || !/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = unitNanos[unit]!;
    total += BigInt(whole || '0') * size + (BigInt(fraction || '0') * size) / 10n ** BigInt(fraction.length);
  }
  const nanos = sign === '-' ? -total : total;
  return nanos > largestInt || nanos < smallestInt ? undefined : new Duration(nanos);
}

/** Nanoseconds since 1970. */
export function nanosOf({ seconds, nanos }: Timestamp): bigint {
  return BigInt(seconds) * nanosPerSecond + BigInt(nanos);
}

export function addToTimestamp(timestamp: Timestamp, duration: bigint): Timestamp | CelError {
  const total = nanosOf(timestamp) + duration;
  const nanos = ((total % nanosPerSecond) + nanosPerSecond) % nanosPerSecond;
  return timestampOf(Number((total - nanos) / nanosPerSecond), Number(nanos));
}
