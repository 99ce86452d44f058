import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import type { Forwarder } from '../forward/forwarder.ts';
import { parseQuery, type Query } from '../wire/query.ts';
import { questionBytes } from '../wire/question.ts';
import { internetClass, recordType, responseCode, type Answer, type DnsRecord } from '../wire/record.ts';
import { addressRecordsOf, relay } from '../wire/relay.ts';
import { mostTcpBytes, udpLimit, writeRefusal, writeResponse } from '../wire/response.ts';
import { answerInZone, denied } from '../zone/answer.ts';
import type { ClusterZone } from '../zone/cluster-zone.ts';

export interface ResponderOptions {
  readonly zone: ClusterZone;
  readonly forwarder: Forwarder;
  readonly random: Random;
  readonly log: Logger;
}

export type Protocol = 'udp' | 'tcp';

/**
 * The answer to a message from a client's address, at once where it is known; `undefined` for what gets none. Never throws,
 * never rejects.
 */
export type Respond = (
  message: Buffer,
  protocol: Protocol,
  client: string,
) => Buffer | undefined | Promise<Buffer | undefined>;

const { notImplemented, refused, serverFailure, badVersion } = responseCode;

export function createResponder(options: ResponderOptions): Respond {
  const { log } = options;
  const failed = (query: Query, limit: number, error: unknown): Buffer => {
    log.error('question could not be answered', {
      name: query.name,
      type: query.type,
      error: (error as Error).message,
    });
    return writeResponse(query, codeOnly(serverFailure), limit);
  };
  return (message, protocol, client) => {
    const parsed = parseQuery(message);
    if (parsed.kind === 'noise') return undefined;
    if (parsed.kind === 'bad') return writeRefusal(parsed);
    const { query } = parsed;
    const limit = protocol === 'udp' ? udpLimit(query) : mostTcpBytes;
    try {
      const answer = respond(query, { ...options, protocol, client, limit });
      return answer instanceof Promise ? answer.catch((error) => failed(query, limit, error)) : answer;
    } catch (error) {
      return failed(query, limit, error);
    }
  };
}

interface Exchange extends ResponderOptions {
  readonly protocol: Protocol;
  readonly client: string;
  readonly limit: number;
}

function respond(query: Query, exchange: Exchange): Buffer | Promise<Buffer> {
  const { zone, random, limit } = exchange;
  const code = refusalOf(query);
  if (code !== undefined) return writeResponse(query, codeOnly(code), limit);
  const found = answerInZone(query, zone, random);
  if (found.kind === 'answer') return writeResponse(query, found.answer, limit);
  if (found.kind === 'follow') return follow(query, found, exchange);
  return forward(query, exchange);
}

/** Zones are not handed out, and there is no other class than the internet's. */
function refusalOf({ type, class: queryClass, edns }: Query): number | undefined {
  if (edns !== undefined && edns.version !== 0) return badVersion;
  if (queryClass !== internetClass) return refused;
  if (type === recordType.OPT) return notImplemented;
  return type === recordType.AXFR || type === recordType.IXFR ? refused : undefined;
}

function codeOnly(code: number): Answer {
  return { code, isAuthoritative: false, answers: [], authority: [], additional: [] };
}

function forward(query: Query, { forwarder, protocol, client, limit }: Exchange): Buffer | Promise<Buffer> {
  const asked = {
    question: query.question,
    wantsDnssec: query.edns?.wantsDnssec ?? false,
    isCheckingDisabled: query.isCheckingDisabled,
  };
  const known = forwarder.known(asked);
  if (known !== undefined) return relay(known.response, query, { limit, ageSeconds: known.ageSeconds });
  return forwarder.ask(asked, protocol === 'tcp', client).then((response) => {
    if (response === 'busy') return writeResponse(query, codeOnly(refused), limit);
    return response === undefined
      ? writeResponse(query, codeOnly(serverFailure), limit)
      : relay(response, query, { limit });
  });
}

/** Adds to an alias what its target outside the cluster has, so that the asker need not ask again. */
async function follow(
  query: Query,
  { records, target }: { records: readonly DnsRecord[]; target: string },
  { zone, forwarder, protocol, client, limit }: Exchange,
): Promise<Buffer> {
  const asked = { question: questionBytes(target, query.type), wantsDnssec: false, isCheckingDisabled: false };
  const known = forwarder.known(asked);
  const response = known?.response ?? (await forwarder.ask(asked, protocol === 'tcp', client));
  if (response === undefined || response === 'busy')
    return writeResponse(query, { ...denied(serverFailure, zone), authority: [] }, limit);
  const found = addressRecordsOf(response, known?.ageSeconds);
  const answer = { code: response.code, isAuthoritative: true, authority: [], additional: [] };
  return writeResponse(query, { ...answer, answers: [...records, ...found] }, limit);
}
