import { deadline } from '../../base/abort.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { Random } from '../../base/random.ts';
import { questionKey, writeQuestion, type OutgoingQuestion } from '../wire/question.ts';
import { responseCode } from '../wire/record.ts';
import type { RelayedResponse } from '../wire/relay.ts';
import { askOverTcp, askOverUdp } from './exchange.ts';
import type { NameServer } from './name-server.ts';
import { ResponseCache, type CachedResponse } from './response-cache.ts';

export interface ForwarderOptions {
  readonly servers: readonly NameServer[];
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** For one server, and for all of them together. Stub resolvers wait five seconds. */
const limitsMs = { server: 2000, all: 4500 };
/** More questions than these at once are refused, as with CoreDNS' `max_concurrent`. */
const mostUnderWay = 1000;
/**
 * How many of one client, and of all, wait for an answer: that others have room, and that who asks the same again and again
 * does not fill our memory.
 */
const mostWaiting = { ofAll: 10_000, ofOne: 250 };
/** The second one without EDNS. */
const rounds = 2;

/** Asks the machine's name servers what the cluster does not know. */
export class Forwarder {
  readonly #options: ForwarderOptions;
  readonly #cache: ResponseCache;
  readonly #underWay = new Map<string, Promise<RelayedResponse | undefined>>();
  /** For how many answers a client waits, by its address. */
  readonly #clients = new Map<string, number>();
  #waiting = 0;
  /** The server that answered last is asked first. */
  #first = 0;

  constructor(options: ForwarderOptions) {
    this.#options = options;
    this.#cache = new ResponseCache(options.clock);
  }

  /** What is known already, with how old it is. */
  known(asked: OutgoingQuestion): CachedResponse | undefined {
    return this.#cache.get(keyOf(asked));
  }

  /**
   * The answer of the first server that has one, `undefined` when none has. The same question is only asked once at a
   * time: a name server that sends it back to us makes us wait for ourselves, not ask ever more.
   */
  async ask(asked: OutgoingQuestion, overTcp: boolean, client: string): Promise<RelayedResponse | undefined | 'busy'> {
    const key = keyOf(asked);
    const known = this.#underWay.get(key);
    const own = this.#clients.get(client) ?? 0;
    if (own >= mostWaiting.ofOne || this.#waiting >= mostWaiting.ofAll) return 'busy';
    if (known === undefined && this.#underWay.size >= mostUnderWay) return 'busy';
    this.#clients.set(client, own + 1);
    this.#waiting++;
    try {
      return await (known ?? this.#begin(key, asked, overTcp));
    } finally {
      this.#waiting--;
      const left = this.#clients.get(client)! - 1;
      if (left > 0) this.#clients.set(client, left);
      else this.#clients.delete(client);
    }
  }

  async #begin(key: string, asked: OutgoingQuestion, overTcp: boolean): Promise<RelayedResponse | undefined> {
    const asking = this.#askAll(asked, overTcp);
    this.#underWay.set(key, asking);
    try {
      const response = await asking;
      if (response !== undefined) this.#cache.add(key, response);
      return response;
    } finally {
      this.#underWay.delete(key);
    }
  }

  async #askAll(asked: OutgoingQuestion, overTcp: boolean): Promise<RelayedResponse | undefined> {
    const { servers, clock, log, signal } = this.#options;
    using limit = deadline(clock, limitsMs.all, signal);
    // Others may change it meanwhile.
    const first = this.#first;
    let lastWord: RelayedResponse | undefined;
    for (let attempt = 0; attempt < servers.length * rounds && !limit.signal.aborted; attempt++) {
      const isSecondRound = attempt >= servers.length;
      if (isSecondRound && lastWord !== undefined && lastWord.code !== responseCode.formatError) break;
      const at = (first + attempt) % servers.length;
      try {
        const response = await this.#askOne(servers[at]!, asked, {
          overTcp,
          withEdns: !isSecondRound,
          parent: limit.signal,
        });
        if (isHelpful(response)) {
          this.#first = at;
          return response;
        }
        lastWord = response;
      } catch (error) {
        if (signal.aborted) break;
        log.debug('name server did not answer', { server: servers[at]!.host, error: (error as Error).message });
      }
    }
    return lastWord;
  }

  async #askOne(
    server: NameServer,
    asked: OutgoingQuestion,
    { overTcp, withEdns, parent }: { overTcp: boolean; withEdns: boolean; parent: AbortSignal },
  ): Promise<RelayedResponse> {
    const { clock, random } = this.#options;
    using limit = deadline(clock, limitsMs.server, parent);
    const [high = 0, low = 0] = random.bytes(2);
    const id = (high << 8) | low;
    const message = writeQuestion(id, asked, withEdns);
    const exchange = { server, id, question: asked.question, message, signal: limit.signal };
    if (overTcp) return await askOverTcp(exchange);
    const response = await askOverUdp(exchange);
    if (!response.isTruncated) return response;
    // Half an answer is better than none where the server does not speak TCP.
    return await askOverTcp(exchange).catch(() => response);
  }
}

/** Whether the server said yes or no, and not that it cannot or does not want to say. */
function isHelpful({ code }: RelayedResponse): boolean {
  return code === responseCode.noError || code === responseCode.nameError;
}

function keyOf({ question, wantsDnssec, isCheckingDisabled }: OutgoingQuestion): string {
  return `${wantsDnssec ? 'd' : ''}${isCheckingDisabled ? 'c' : ''} ${questionKey(question)}`;
}
