import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ipText } from '../../apimachinery/ip.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { recordType, type DnsRecord } from '../wire/record.ts';
import { answerInZone } from './answer.ts';
import { sampleZone } from './testing/sample-zone.ts';

const types = { ...recordType, MX: 15, HTTPS: 65, ANY: 255 };

/** An answer in a line: code, records and what goes with them, or where else the answer is. */
function say(question: string, zone = sampleZone()): string {
  const [type = '', name = ''] = question.split(' ');
  const result = answerInZone({ name, type: types[type as keyof typeof types] }, zone, new SeededRandom(1));
  if (result.kind === 'outside') return 'outside';
  if (result.kind === 'follow') return `${result.records.map(text).join(', ')}, then ${result.target}`;
  const { code, isAuthoritative, answers, authority, additional } = result.answer;
  assert.equal(isAuthoritative, true);
  const soa = 'SOA ns.dns.cluster.local hostmaster.cluster.local 7 7200 1800 86400 30';
  if (answers.length === 0) {
    assert.deepEqual(authority.map(text), [`cluster.local 30 ${soa}`]);
    assert.deepEqual(additional, []);
    return { 0: 'nothing of the type', 2: 'failure', 3: 'no such name' }[code]!;
  }
  assert.equal(code, 0);
  assert.deepEqual(authority, []);
  const sorted = answers.some((one) => one.type === 'CNAME') ? answers.map(text) : answers.map(text).sort();
  return [sorted.join(', '), additional.map(text).sort().join(', ')].filter(Boolean).join('; with ');
}

function text(record: DnsRecord): string {
  const { name, ttl, type } = record;
  switch (record.type) {
    case 'A':
    case 'AAAA':
      return `${name} ${ttl} ${type} ${ipText(record.address)}`;
    case 'TXT':
      return `${name} ${ttl} TXT ${record.text}`;
    case 'SRV':
      return `${name} ${ttl} SRV ${record.priority} ${record.weight} ${record.port} ${record.target}`;
    case 'SOA': {
      const { server, mailbox, serial, refresh, retry, expire, minimum } = record;
      return [name, ttl, 'SOA', server, mailbox, serial, refresh, retry, expire, minimum].join(' ');
    }
    default:
      return `${name} ${ttl} ${type} ${record.target}`;
  }
}

const denied = 'no such name';
const empty = 'nothing of the type';

const rows: readonly (readonly [why: string, question: string, answer: string])[] = [
  ['a Service has its address', 'A web.shop.svc.cluster.local', 'web.shop.svc.cluster.local 30 A 10.96.0.20'],
  ['letters come back as asked', 'A Web.SHOP.svc.Cluster.local', 'Web.SHOP.svc.Cluster.local 30 A 10.96.0.20'],
  ['an IPv4 Service has no AAAA', 'AAAA web.shop.svc.cluster.local', empty],
  ['nor an MX', 'MX web.shop.svc.cluster.local', empty],
  ['nor a TXT', 'TXT web.shop.svc.cluster.local', empty],
  ['nor an HTTPS', 'HTTPS web.shop.svc.cluster.local', empty],
  ['an IPv6 Service has one', 'AAAA six.shop.svc.cluster.local', 'six.shop.svc.cluster.local 30 AAAA fd00::20'],
  ['and no A', 'A six.shop.svc.cluster.local', empty],
  ['one of both families has both', 'A both.shop.svc.cluster.local', 'both.shop.svc.cluster.local 30 A 10.96.0.30'],
  ['the other too', 'AAAA both.shop.svc.cluster.local', 'both.shop.svc.cluster.local 30 AAAA fd00::30'],
  ['a Service that does not exist', 'A nobody.shop.svc.cluster.local', denied],
  ['a namespace that does not exist', 'A web.nowhere.svc.cluster.local', denied],
  ['a namespace is there', 'A shop.svc.cluster.local', empty],
  ['but not any', 'A nowhere.svc.cluster.local', denied],
  ['the branch of services', 'A svc.cluster.local', empty],
  ['the branch of pods', 'NS pod.cluster.local', empty],
  ['the domain', 'A cluster.local', empty],
  ['any other branch', 'A foo.cluster.local', denied],
  ['too many labels', 'A a.b.c.web.shop.svc.cluster.local', denied],
  ['a search path behind a name', 'A web.shop.svc.cluster.local.shop.svc.cluster.local', denied],
  ['a name that only ends alike', 'A web.shop.svc.mycluster.local', 'outside'],
  ['a dot inside a label', 'A web.shop.svc\\.cluster.local', 'outside'],
  ['a name elsewhere', 'A example.com', 'outside'],
  [
    'a headless Service has its ready endpoints, each once',
    'A db.shop.svc.cluster.local',
    'db.shop.svc.cluster.local 30 A 10.244.1.5, db.shop.svc.cluster.local 30 A 10.244.2.7, ' +
      'db.shop.svc.cluster.local 30 A 10.244.2.8',
  ],
  ['of the other family too', 'AAAA db.shop.svc.cluster.local', 'db.shop.svc.cluster.local 30 AAAA fd00:1::'],
  ['one without ready endpoints', 'A quiet.shop.svc.cluster.local', denied],
  ['one without ports', 'A bare.shop.svc.cluster.local', 'bare.shop.svc.cluster.local 30 A 10.244.3.3'],
  ['no ports, no SRV', 'SRV bare.shop.svc.cluster.local', empty],
  ['an endpoint by its hostname', 'A db-0.db.shop.svc.cluster.local', 'db-0.db.shop.svc.cluster.local 30 A 10.244.1.5'],
  ['in any letters', 'A DB-0.db.shop.svc.cluster.local', 'DB-0.db.shop.svc.cluster.local 30 A 10.244.1.5'],
  [
    'two with one hostname',
    'A twin.db.shop.svc.cluster.local',
    'twin.db.shop.svc.cluster.local 30 A 10.244.2.7, twin.db.shop.svc.cluster.local 30 A 10.244.2.8',
  ],
  [
    'an endpoint by its address',
    'AAAA fd00-1--0.db.shop.svc.cluster.local',
    'fd00-1--0.db.shop.svc.cluster.local 30 AAAA fd00:1::',
  ],
  [
    'an endpoint of a Service with an address',
    'A 10-244-1-9.web.shop.svc.cluster.local',
    '10-244-1-9.web.shop.svc.cluster.local 30 A 10.244.1.9',
  ],
  ['one that is not ready', 'A db-9.db.shop.svc.cluster.local', denied],
  ['one that does not exist', 'A db-7.db.shop.svc.cluster.local', denied],
  [
    'a port of a Service',
    'SRV _http._tcp.web.shop.svc.cluster.local',
    '_http._tcp.web.shop.svc.cluster.local 30 SRV 0 100 80 web.shop.svc.cluster.local; ' +
      'with web.shop.svc.cluster.local 30 A 10.96.0.20',
  ],
  ['a port of another protocol', 'SRV _http._udp.web.shop.svc.cluster.local', denied],
  ['a port that does not exist', 'SRV _ftp._tcp.web.shop.svc.cluster.local', denied],
  [
    'all ports of a Service',
    'SRV web.shop.svc.cluster.local',
    'web.shop.svc.cluster.local 30 SRV 0 50 443 web.shop.svc.cluster.local, ' +
      'web.shop.svc.cluster.local 30 SRV 0 50 80 web.shop.svc.cluster.local; ' +
      'with web.shop.svc.cluster.local 30 A 10.96.0.20',
  ],
  [
    'a port of a headless Service',
    'SRV _sql._tcp.db.shop.svc.cluster.local',
    '_sql._tcp.db.shop.svc.cluster.local 30 SRV 0 25 5432 db-0.db.shop.svc.cluster.local, ' +
      '_sql._tcp.db.shop.svc.cluster.local 30 SRV 0 25 5432 fd00-1--0.db.shop.svc.cluster.local, ' +
      '_sql._tcp.db.shop.svc.cluster.local 30 SRV 0 25 5432 twin.db.shop.svc.cluster.local; ' +
      'with db-0.db.shop.svc.cluster.local 30 A 10.244.1.5, fd00-1--0.db.shop.svc.cluster.local 30 AAAA fd00:1::, ' +
      'twin.db.shop.svc.cluster.local 30 A 10.244.2.7, twin.db.shop.svc.cluster.local 30 A 10.244.2.8',
  ],
  [
    'an alias within the cluster',
    'A alias.shop.svc.cluster.local',
    'alias.shop.svc.cluster.local 30 CNAME web.shop.svc.cluster.local, web.shop.svc.cluster.local 30 A 10.96.0.20',
  ],
  [
    'an alias of an alias',
    'A far.shop.svc.cluster.local',
    'far.shop.svc.cluster.local 30 CNAME alias.shop.svc.cluster.local, ' +
      'alias.shop.svc.cluster.local 30 CNAME web.shop.svc.cluster.local, web.shop.svc.cluster.local 30 A 10.96.0.20',
  ],
  ['an alias of something without AAAA', 'AAAA alias.shop.svc.cluster.local', empty],
  ['an alias of nothing', 'A lost.shop.svc.cluster.local', empty],
  ['aliases in a circle', 'A round.shop.svc.cluster.local', empty],
  ['an alias of itself', 'A self.shop.svc.cluster.local', empty],
  [
    'an alias itself',
    'CNAME alias.shop.svc.cluster.local',
    'alias.shop.svc.cluster.local 30 CNAME web.shop.svc.cluster.local',
  ],
  ['an alias has no ports', 'SRV alias.shop.svc.cluster.local', empty],
  ['and nothing below it', 'A x.alias.shop.svc.cluster.local', denied],
  [
    'an alias of a name elsewhere',
    'A away.shop.svc.cluster.local',
    'away.shop.svc.cluster.local 30 CNAME db.example.com, then db.example.com',
  ],
  ['an alias of an address is none', 'A odd.shop.svc.cluster.local', denied],
  ['a pod by its address', 'A 10-1-2-3.shop.pod.cluster.local', '10-1-2-3.shop.pod.cluster.local 30 A 10.1.2.3'],
  ['an IPv6 pod', 'AAAA fd00--7.shop.pod.cluster.local', 'fd00--7.shop.pod.cluster.local 30 AAAA fd00::7'],
  ['of the other family', 'AAAA 10-1-2-3.shop.pod.cluster.local', empty],
  ['a pod that is no address', 'A web.shop.pod.cluster.local', denied],
  ['a number too large', 'A 10-1-2-300.shop.pod.cluster.local', denied],
  ['a pod in no namespace', 'A 10-1-2-3.nowhere.pod.cluster.local', denied],
  ['a namespace of pods', 'A shop.pod.cluster.local', empty],
  ['the version', 'TXT dns-version.cluster.local', 'dns-version.cluster.local 28800 TXT 1.1.0'],
  ['which has no address', 'A dns-version.cluster.local', empty],
  [
    'the server of the zone',
    'NS cluster.local',
    'cluster.local 30 NS kube-dns.kube-system.svc.cluster.local; with kube-dns.kube-system.svc.cluster.local 30 A 10.96.0.10',
  ],
  ['by its own name', 'A ns.dns.cluster.local', 'ns.dns.cluster.local 30 A 10.96.0.10'],
  [
    'the start of the zone',
    'SOA cluster.local',
    'cluster.local 30 SOA ns.dns.cluster.local hostmaster.cluster.local 7 7200 1800 86400 30',
  ],
  ['a start of nothing', 'SOA web.shop.svc.cluster.local', empty],
  [
    'the name of a Service address',
    'PTR 20.0.96.10.in-addr.arpa',
    '20.0.96.10.in-addr.arpa 30 PTR web.shop.svc.cluster.local',
  ],
  ['of an endpoint', 'PTR 5.1.244.10.IN-ADDR.arpa', '5.1.244.10.IN-ADDR.arpa 30 PTR db-0.db.shop.svc.cluster.local'],
  ['of an endpoint that is not ready', 'PTR 9.9.244.10.in-addr.arpa', 'outside'],
  ['of an unknown address', 'PTR 1.1.1.1.in-addr.arpa', 'outside'],
  ['of half an address', 'PTR 96.10.in-addr.arpa', 'outside'],
  ['another type of a reverse name', 'A 20.0.96.10.in-addr.arpa', 'outside'],
];

for (const [why, question, answer] of rows)
  test(`${why}: ${question}`, () => {
    assert.equal(say(question), answer);
  });

test('the name of an IPv6 endpoint', () => {
  const name = [...'fd000001000000000000000000000000'].toReversed().join('.') + '.ip6.arpa';
  assert.equal(say(`PTR ${name}`), `${name} 30 PTR fd00-1--0.db.shop.svc.cluster.local`);
});

test('until everything is known, what is not found is a failure', () => {
  const zone = { ...sampleZone(), isComplete: () => false };
  assert.equal(say('A nobody.shop.svc.cluster.local', zone), 'failure');
  assert.equal(say('A lost.shop.svc.cluster.local', zone), 'failure');
  assert.equal(say('A web.shop.svc.cluster.local', zone), 'web.shop.svc.cluster.local 30 A 10.96.0.20');
});

test('addresses come in random order', () => {
  const zone = sampleZone();
  const random = new SeededRandom(1);
  const firsts = new Set<string>();
  for (let round = 0; round < 50; round++) {
    const result = answerInZone({ name: 'db.shop.svc.cluster.local', type: recordType.A }, zone, random);
    assert.ok(result.kind === 'answer');
    firsts.add(text(result.answer.answers[0]!));
  }
  assert.equal(firsts.size, 3);
});
