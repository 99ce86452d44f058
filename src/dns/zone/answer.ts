import { ipText, type IpBytes } from '../../apimachinery/ip.ts';
import type { Random } from '../../base/random.ts';
import { recordType, responseCode, type Answer, type DnsRecord } from '../wire/record.ts';
import type { ClusterZone } from './cluster-zone.ts';
import { lookUp, type Found } from './lookup.ts';
import { addressOfReverse } from './reverse-name.ts';
import type { Target } from './service-records.ts';

export interface Question {
  /** In any letters: they come back in the answer. */
  readonly name: string;
  readonly type: number;
}

export type ZoneAnswer =
  | { readonly kind: 'answer'; readonly answer: Answer }
  /** The name is an alias of one outside: what that has must be added to these records. */
  | { readonly kind: 'follow'; readonly records: readonly DnsRecord[]; readonly target: string }
  /** The name is not of the cluster. */
  | { readonly kind: 'outside' };

/** Seconds for which an answer may be kept, as in kubeadm's configuration of CoreDNS. */
const ttl = 30;
const versionTtl = 28_800;
const version = '1.1.0';
const longestChain = 10;
const { noError, nameError, serverFailure } = responseCode;
const outside: ZoneAnswer = { kind: 'outside' };

/** What the cluster says to a question (Kubernetes' DNS specification 1.1.0, as CoreDNS serves it). */
export function answerInZone(question: Question, zone: ClusterZone, random: Random): ZoneAnswer {
  const relative = relativeName(question.name, zone.domain);
  if (relative === undefined) return reverse(question, zone);
  const chain: DnsRecord[] = [];
  const wantsAddress = question.type === recordType.A || question.type === recordType.AAAA;
  let name = question.name;
  let found = lookUp(relative, zone);
  while (found.kind === 'alias' && wantsAddress) {
    const { target } = found;
    if (chain.length >= longestChain || chain.some((one) => one.name.toLowerCase() === target.toLowerCase()))
      return answered(denied(noError, zone));
    chain.push({ name, ttl, type: 'CNAME', target });
    const next = relativeName(target, zone.domain);
    if (next === undefined) return { kind: 'follow', records: chain, target };
    name = target;
    found = lookUp(next, zone);
  }
  if (found.kind === 'nothing') return answered(denied(absent(zone, chain.length > 0), zone));
  const { answers, additional = [] } = recordsOf(found, { ...question, name }, zone, random);
  if (answers.length === 0) return answered(denied(noError, zone));
  return answered({ ...positive, answers: chain.length > 0 ? [...chain, ...answers] : answers, additional });
}

/** Until everything is known nobody can say that something is not there. An alias of nothing is there, and empty. */
function absent(zone: ClusterZone, isAlias: boolean): number {
  if (!zone.isComplete()) return serverFailure;
  return isAlias ? noError : nameError;
}

const positive = { code: noError, isAuthoritative: true, authority: [] } as const;

/** The answer when there is nothing to say, or when another name server has said nothing of use. */
export function denied(code: number, zone: ClusterZone): Answer {
  return { code, isAuthoritative: true, answers: [], authority: [startOf(zone)], additional: [] };
}

function answered(answer: Answer): ZoneAnswer {
  return { kind: 'answer', answer };
}

/** What stands before the domain, in small letters; `undefined` outside. */
function relativeName(name: string, domain: string): string | undefined {
  const lower = name.toLowerCase();
  if (lower.endsWith(domain)) {
    const rest = lower.slice(0, -domain.length);
    if (rest === '') return '';
    if (rest.endsWith('.') && !rest.endsWith('\\.')) return rest.slice(0, -1);
  }
  return undefined;
}

/** Addresses of the cluster have names; all others are known elsewhere. */
function reverse({ name, type }: Question, zone: ClusterZone): ZoneAnswer {
  if (type !== recordType.PTR) return outside;
  const address = addressOfReverse(name.toLowerCase());
  const names = address === undefined ? [] : zone.namesOf(address);
  if (names.length === 0) return outside;
  const answers = names.map((target): DnsRecord => ({ name, ttl, type: 'PTR', target }));
  return answered({ ...positive, answers, additional: [] });
}

interface Records {
  readonly answers: readonly DnsRecord[];
  readonly additional?: readonly DnsRecord[];
}

const none: Records = { answers: [] };

function recordsOf(found: Found, question: Question, zone: ClusterZone, random: Random): Records {
  const { name, type } = question;
  switch (found.kind) {
    case 'nothing':
    case 'empty':
      return none;
    case 'zone':
      return apexRecords(question, zone);
    case 'version':
      return type === recordType.TXT ? { answers: [{ name, ttl: versionTtl, type: 'TXT', text: version }] } : none;
    case 'alias':
      return type === recordType.CNAME ? { answers: [{ name, ttl, type: 'CNAME', target: found.target }] } : none;
    case 'address':
      return { answers: addressRecords(name, type, [found.address]) };
    case 'targets':
      if (type === recordType.SRV) return serviceRecordsOf(name, found.targets);
      return { answers: shuffled(addressRecords(name, type, addressesOf(found.targets)), random) };
  }
}

function apexRecords({ name, type }: Question, zone: ClusterZone): Records {
  if (type === recordType.SOA) return { answers: [{ ...startOf(zone), name }] };
  if (type !== recordType.NS) return none;
  const [target = `ns.dns.${zone.domain}`] = zone.namesOf(zone.server);
  const found = lookUp('ns.dns', zone);
  const addresses = found.kind === 'address' ? [found.address] : [];
  return {
    answers: [{ name, ttl, type: 'NS', target }],
    additional: addresses.map((address) => addressRecord(target, address)),
  };
}

function startOf({ domain, serial }: ClusterZone): DnsRecord {
  return {
    name: domain,
    ttl,
    type: 'SOA',
    server: `ns.dns.${domain}`,
    mailbox: `hostmaster.${domain}`,
    serial,
    refresh: 7200,
    retry: 1800,
    expire: 86_400,
    minimum: ttl,
  };
}

function addressRecord(name: string, address: IpBytes): DnsRecord {
  return { name, ttl, type: address.length === 4 ? 'A' : 'AAAA', address };
}

function addressRecords(name: string, type: number, addresses: readonly IpBytes[]): DnsRecord[] {
  const length = type === recordType.A ? 4 : type === recordType.AAAA ? 16 : undefined;
  return addresses.filter((address) => address.length === length).map((address) => addressRecord(name, address));
}

/** Each address once: it is there for each port. */
function addressesOf(targets: readonly Target[]): readonly IpBytes[] {
  const [only] = targets;
  if (targets.length === 1) return [only!.address];
  return [...new Map(targets.map(({ address }) => [ipText(address), address])).values()];
}

/** Weights that share a hundred, as CoreDNS gives them. */
function serviceRecordsOf(name: string, targets: readonly Target[]): Records {
  const weight = Math.max(1, Math.floor(100 / targets.length));
  const answers = new Map<string, DnsRecord>();
  const additional = new Map<string, DnsRecord>();
  for (const { host, port, address } of targets) {
    if (port === undefined) continue;
    const key = `${host} ${port.number}`;
    if (!answers.has(key))
      answers.set(key, { name, ttl, type: 'SRV', priority: 0, weight, port: port.number, target: host });
    additional.set(`${host} ${ipText(address)}`, addressRecord(host, address));
  }
  return { answers: [...answers.values()], additional: [...additional.values()] };
}

/** In random order, so that clients which take the first spread. */
function shuffled(records: DnsRecord[], random: Random): DnsRecord[] {
  for (let last = records.length - 1; last > 0; last--) {
    const other = Math.floor(random.next() * (last + 1));
    [records[last], records[other]] = [records[other]!, records[last]!];
  }
  return records;
}
