import type { IpBytes } from '../../apimachinery/ip.ts';

/** Numbers of record types (RFC 1035 and later). */
export const recordType = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  OPT: 41,
  IXFR: 251,
  AXFR: 252,
} as const;

export const internetClass = 1;

/** Numbers of response codes. */
export const responseCode = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  badVersion: 16,
} as const;

/**
 * A record of our own making. Names here and everywhere in `dns` are text as in zone files, without the last dot: the
 * root is '', a dot or a backslash inside a label has a backslash before it.
 */
export type DnsRecord = { readonly name: string; readonly ttl: number } & RecordData;

export type RecordData =
  | { readonly type: 'A' | 'AAAA'; readonly address: IpBytes }
  | { readonly type: 'CNAME' | 'NS' | 'PTR'; readonly target: string }
  | { readonly type: 'TXT'; readonly text: string }
  | {
      readonly type: 'SRV';
      readonly priority: number;
      readonly weight: number;
      readonly port: number;
      readonly target: string;
    }
  | {
      readonly type: 'SOA';
      readonly server: string;
      readonly mailbox: string;
      readonly serial: number;
      readonly refresh: number;
      readonly retry: number;
      readonly expire: number;
      /** How long a denial may be kept. */
      readonly minimum: number;
    };

/** What is said to a question. */
export interface Answer {
  readonly code: number;
  /** Whether the cluster itself knows, rather than another name server. */
  readonly isAuthoritative: boolean;
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  /** Left out without a word where there is no room. */
  readonly additional: readonly DnsRecord[];
}
