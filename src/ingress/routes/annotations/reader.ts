import { ipv4Text } from '../../../apimachinery/ip.ts';

/** Notes what the value of an annotation says; false when it says nothing that is `wanted`. */
export interface Reader<Found> {
  (value: string, found: Found): boolean;
  readonly wanted: string;
}

export type Readers<Found> = Readonly<Record<string, Reader<Found>>>;

/** How values are read that many annotations have: each is an allow-list. */
export interface Value<T> {
  readonly wanted: string;
  read(value: string): T | undefined;
}

/** A reader that notes the value under its name. */
export function noting<Found>() {
  return <Name extends keyof Found>(name: Name, value: Value<NonNullable<Found[Name]>>): Reader<Found> => {
    const read = (text: string, found: Found): boolean => {
      const parsed = value.read(text);
      if (parsed !== undefined) found[name] = parsed;
      return parsed !== undefined;
    };
    return Object.assign(read, { wanted: value.wanted });
  };
}

/** What a word means; `constructor` and its like are no words. */
export function word<T>(wanted: string, meanings: Readonly<Record<string, T>>): Value<T> {
  return { wanted, read: (value) => (Object.hasOwn(meanings, value) ? meanings[value] : undefined) };
}

export const truth = word<boolean>('"true" or "false"', { true: true, false: false });
export const onOff = word<boolean>('"on" or "off"', { on: true, off: false });

export function number(least: number, most: number, what = 'a number'): Value<number> {
  return {
    wanted: `${what} between ${least} and ${most}`,
    read(value) {
      const read = /^\d{1,9}$/.test(value) ? Number(value) : -1;
      return read >= least && read <= most ? read : undefined;
    },
  };
}
export const seconds = number(1, 86_400, 'a number of seconds');

export function matching(wanted: string, pattern: RegExp, longest = 2000): Value<string> {
  return { wanted, read: (value) => (value.length <= longest && pattern.test(value) ? value : undefined) };
}

/** At most `mostBytes`, since each request may take so much memory. */
export function size(mostBytes: number): Value<string> {
  const units: Readonly<Record<string, number>> = { '': 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3 };
  return {
    wanted: `a size such as "8k", of at most ${mostBytes} bytes`,
    read(value) {
      const [, digits, unit] = /^(\d{1,9})([kmg]?)$/i.exec(value) ?? [];
      if (digits === undefined || Number(digits) * units[unit!.toLowerCase()]! > mostBytes) return undefined;
      return value.toLowerCase();
    },
  };
}

/** Texts with commas between them, each of which is read alone. */
export function list<T>(wanted: string, item: Value<T>, most = 200): Value<T[]> {
  return {
    wanted,
    read(value) {
      const items = value
        .split(',')
        .map((text) => text.trim())
        .filter((text) => text !== '');
      const read = items.map((text) => item.read(text));
      if (read.length === 0 || read.length > most) return undefined;
      return read.every((one) => one !== undefined) ? read : undefined;
    },
  };
}

const range: Value<string> = {
  wanted: 'an address or a range of addresses',
  read(value) {
    const [, address, bits] = /^([^/]+)(?:\/(\d{1,2}))?$/.exec(value) ?? [];
    const text = address === undefined ? undefined : ipv4Text(address);
    if (text === undefined || Number(bits ?? 32) > 32) return undefined;
    return bits === undefined ? text : `${text}/${Number(bits)}`;
  },
};
export const ranges = list('a list of IPv4 addresses and ranges such as "10.0.0.0/8, 192.0.2.1"', range, 1000);

/** nginx hashes names for gRPC in buckets of 64 bytes, and takes no configuration in which one is longer. */
const headerName = matching("a header's name", /^[A-Za-z0-9_-]+$/, 40);
/** They say where a request ends: with one of another's choice the backend would take a part of a body for a request. */
const framing =
  /^(?:connection|content-length|expect|keep-alive|proxy-connection|te|trailer|transfer-encoding|upgrade)$/i;
export const answeredHeader: Value<string> = {
  wanted: headerName.wanted,
  read: (value) => (framing.test(value.replaceAll('_', '-')) ? undefined : headerName.read(value)),
};
export const objectName = matching('the name of an object of its namespace', /^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/, 253);
export const secretName = matching(
  'the name of a Secret of its namespace',
  /^(?:[a-z0-9-]+\/)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/,
  317,
);
