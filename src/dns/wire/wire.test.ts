import assert from 'node:assert/strict';
import { test } from 'node:test';
import packets, { type OptAnswer, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { ipText } from '../../apimachinery/ip.ts';
import { parseQuery, type Query } from './query.ts';
import { questionBytes, writeQuestion } from './question.ts';
import type { Answer, DnsRecord } from './record.ts';
import { mostTcpBytes, udpLimit, writeResponse } from './response.ts';

// The oracle is the npm package dns-packet, which shares no code with us.

const label = fc.stringMatching(/^[a-zA-Z0-9_-]{1,20}$/);
const name = fc
  .array(label, { minLength: 1, maxLength: 6 })
  .map((labels) => labels.join('.'))
  .chain((whole) => fc.constantFrom(whole, `${whole}.svc.cluster.local`, 'web.shop.svc.cluster.local'));
const u16 = fc.nat(0xffff);
const ttl = fc.nat(0x7fffffff);
const bytes = (length: number) => fc.array(fc.nat(255), { minLength: length, maxLength: length });

const record: fc.Arbitrary<DnsRecord> = fc.oneof(
  fc.record({ name, ttl, type: fc.constant('A' as const), address: bytes(4) }),
  fc.record({ name, ttl, type: fc.constant('AAAA' as const), address: bytes(16) }),
  fc.record({ name, ttl, type: fc.constantFrom('CNAME' as const, 'NS' as const, 'PTR' as const), target: name }),
  fc.record({ name, ttl, type: fc.constant('TXT' as const), text: fc.stringMatching(/^[ -~]{0,600}$/) }),
  fc.record({ name, ttl, type: fc.constant('SRV' as const), priority: u16, weight: u16, port: u16, target: name }),
  fc.record({
    name,
    ttl,
    type: fc.constant('SOA' as const),
    server: name,
    mailbox: name,
    serial: fc.nat(),
    refresh: fc.nat(),
    retry: fc.nat(),
    expire: fc.nat(),
    minimum: fc.nat(),
  }),
);
const records = fc.array(record, { maxLength: 12 });

/** A record as the oracle shows it. */
function shown(one: DnsRecord): object {
  const { name: owner, ttl: seconds, type } = one;
  const common = { name: owner, ttl: seconds, type, class: 'IN', flush: false };
  switch (one.type) {
    case 'A':
    case 'AAAA':
      return { ...common, data: ipText(one.address) };
    case 'TXT': {
      const parts = one.text.match(/.{1,255}/gs) ?? [''];
      return { ...common, data: parts.map((part) => Buffer.from(part)) };
    }
    case 'SRV':
      return { ...common, data: { priority: one.priority, weight: one.weight, port: one.port, target: one.target } };
    case 'SOA': {
      const { server: mname, mailbox: rname, serial, refresh, retry, expire, minimum } = one;
      return { ...common, data: { mname, rname, serial, refresh, retry, expire, minimum } };
    }
    default:
      return { ...common, data: one.target };
  }
}

/** The oracle writes IPv6 addresses in its own way. */
function canonical({ type, data, ...rest }: { type: string; data: unknown }): object {
  if (type !== 'AAAA') return { type, data, ...rest };
  return { type, data: new URL(`http://[${String(data)}]`).hostname.slice(1, -1), ...rest };
}

function canonicalUrl(one: object): object {
  return canonical(one as { type: string; data: unknown });
}

function queryOf(packet: Packet): Query {
  const parsed = parseQuery(packets.encode({ type: 'query', ...packet }));
  assert.ok(parsed.kind === 'query');
  return parsed.query;
}

const opt = (udpPayloadSize: number, flags = 0): OptAnswer => ({
  type: 'OPT',
  name: '.',
  udpPayloadSize,
  extendedRcode: 0,
  ednsVersion: 0,
  flags,
  flag_do: flags > 0,
  options: [],
});

test('a question is read as the oracle wrote it', () => {
  const flag = { rd: packets.RECURSION_DESIRED, cd: packets.CHECKING_DISABLED, ad: packets.AUTHENTIC_DATA };
  fc.assert(
    fc.property(name, u16, fc.record({ rd: fc.boolean(), cd: fc.boolean(), ad: fc.boolean() }), (asked, id, set) => {
      const flags = (set.rd ? flag.rd : 0) | (set.cd ? flag.cd : 0) | (set.ad ? flag.ad : 0);
      const { question, edns, ...query } = queryOf({ id, flags, questions: [{ type: 'SRV', name: asked }] });
      assert.deepEqual(query, {
        id,
        name: asked,
        type: 33,
        class: 1,
        isRecursionDesired: set.rd,
        isCheckingDisabled: set.cd,
        wantsAuthenticData: set.ad,
      });
      assert.equal(edns, undefined);
      assert.deepEqual(question, questionBytes(asked, 33));
    }),
  );
});

test('what a sender says of itself is read', () => {
  const questions = [{ type: 'A', name: 'web' }] as const;
  const of = (size: number, flags?: number) => queryOf({ questions: [...questions], additionals: [opt(size, flags)] });
  assert.deepEqual(of(4096, packets.DNSSEC_OK).edns, { version: 0, udpSize: 4096, wantsDnssec: true });
  assert.deepEqual(of(900).edns, { version: 0, udpSize: 900, wantsDnssec: false });
  assert.deepEqual([of(100), of(900), of(4096)].map(udpLimit), [512, 900, 1232]);
});

test('the oracle reads what we answer', () => {
  fc.assert(
    fc.property(
      name,
      u16,
      records,
      records,
      records,
      fc.boolean(),
      (asked, id, answers, authority, additional, hasEdns) => {
        const query = queryOf({
          id,
          flags: packets.RECURSION_DESIRED,
          questions: [{ type: 'A', name: asked }],
          ...(hasEdns && { additionals: [opt(1232)] }),
        });
        const answer: Answer = { code: 3, isAuthoritative: true, answers, authority, additional };
        const read = packets.decode(writeResponse(query, answer, mostTcpBytes));
        assert.equal(read.id, id);
        assert.equal(read.type, 'response');
        const { flag_aa, flag_tc, flag_rd, flag_ra } = read as unknown as Record<string, boolean>;
        assert.deepEqual(
          { flag_aa, flag_tc, flag_rd, flag_ra },
          { flag_aa: true, flag_tc: false, flag_rd: true, flag_ra: true },
        );
        assert.equal((read as unknown as { rcode: string }).rcode, 'NXDOMAIN');
        assert.deepEqual(read.questions, [{ type: 'A', name: asked, class: 'IN' }]);
        const plain = (all: readonly object[] = []) => all.map(canonicalUrl);
        assert.deepEqual(plain(read.answers), plain(answers.map(shown)));
        assert.deepEqual(plain(read.authorities), plain(authority.map(shown)));
        const others = read.additionals!.filter(({ type }) => type !== 'OPT');
        assert.deepEqual(plain(others), plain(additional.map(shown)));
        assert.equal(read.additionals!.length - others.length, hasEdns ? 1 : 0);
      },
    ),
  );
});

test('an answer that is too long ends with a whole record and says so', () => {
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 512, max: 1232 }),
      (answers, limit) => {
        const query = queryOf({ questions: [{ type: 'A', name: 'web' }], additionals: [opt(1232)] });
        const full = packets.decode(
          writeResponse(
            query,
            { code: 0, isAuthoritative: true, answers, authority: [], additional: [] },
            mostTcpBytes,
          ),
        );
        const bytesOf = writeResponse(
          query,
          { code: 0, isAuthoritative: true, answers, authority: [], additional: answers },
          limit,
        );
        assert.ok(bytesOf.length <= limit);
        const cut = packets.decode(bytesOf);
        assert.deepEqual(cut.answers, full.answers!.slice(0, cut.answers!.length));
        const isCut = (cut as unknown as { flag_tc: boolean }).flag_tc;
        // Additional records are left out without a word.
        assert.equal(isCut, cut.answers!.length < answers.length);
        assert.equal(cut.additionals!.at(-1)!.type, 'OPT');
      },
    ),
  );
});

test('names that occur again are pointed to', () => {
  const query = queryOf({ questions: [{ type: 'A', name: 'web.shop.svc.cluster.local' }] });
  const answer = (answers: DnsRecord[]) =>
    writeResponse(query, { code: 0, isAuthoritative: true, answers, authority: [], additional: [] }, 512).length;
  const empty = answer([]);
  const name = 'web.shop.svc.cluster.local';
  const head = 2 + 10;
  assert.equal(answer([{ name, ttl: 30, type: 'A', address: [10, 0, 0, 1] }]) - empty, head + 4);
  assert.equal(answer([{ name, ttl: 30, type: 'CNAME', target: 'db.shop.svc.cluster.local' }]) - empty, head + 3 + 2);
  // The target of an SRV record is written out; who has that name afterwards points there.
  assert.equal(
    answer([{ name, ttl: 30, type: 'SRV', priority: 0, weight: 1, port: 80, target: name }]) - empty,
    head + 6 + 28,
  );
});

test('labels may hold any byte', () => {
  const odd = 'a\\.b\\\\.x y';
  const question = questionBytes(odd, 1);
  assert.deepEqual(question, Buffer.from('\x04a.b\\\x03x y\0\0\x01\0\x01', 'latin1'));
  const parsed = parseQuery(Buffer.concat([Buffer.from([0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0]), question]));
  assert.ok(parsed.kind === 'query');
  assert.equal(parsed.query.name, odd);
});

test('the oracle reads what we ask', () => {
  fc.assert(
    fc.property(name, u16, fc.boolean(), fc.boolean(), (asked, id, wantsDnssec, isCheckingDisabled) => {
      const question = questionBytes(asked, 28);
      const read = packets.decode(writeQuestion(id, { question, wantsDnssec, isCheckingDisabled }));
      assert.equal(read.type, 'query');
      assert.equal(read.id, id);
      assert.deepEqual(read.questions, [{ type: 'AAAA', name: asked, class: 'IN' }]);
      const { flag_rd, flag_cd } = read as unknown as Record<string, boolean>;
      assert.deepEqual({ flag_rd, flag_cd }, { flag_rd: true, flag_cd: isCheckingDisabled });
      const [edns] = read.additionals as unknown as { udpPayloadSize: number; flag_do: boolean }[];
      assert.deepEqual([edns!.udpPayloadSize, edns!.flag_do], [1232, wantsDnssec]);
    }),
  );
});
