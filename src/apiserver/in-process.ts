import type { KubeObject } from '../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../apimachinery/request.ts';
import { refused, type StatusError } from '../apimachinery/status.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import type { Aggregator } from './aggregation/aggregator.ts';
import type { UserInfo } from './auth/auth.ts';
import { CachedObject } from './cache/cached-object.ts';
import { answer, type Answered } from './request/answer.ts';
import type { Arrival, RequestChain } from './request/chain.ts';
import { operationOf, type Content } from './request/operation.ts';
import type { Resolved } from './request/resolve.ts';
import { targetOfCall } from './request/target.ts';
import { createAll } from './rest/create-all.ts';
import { measuredList } from './rest/measured.ts';
import type { Answer, Core } from './rest/operation.ts';
import { watchEvents } from './rest/watch-events.ts';

/**
 * The API server as a function call: the same way and the same rules as over HTTPS, without sockets, encoding or copies.
 * `user` is who calls; `userAgent` names the field manager.
 */
export function inProcessTransport(
  { core, chain, aggregator }: { readonly core: Core; readonly chain: RequestChain; readonly aggregator: Aggregator },
  user: UserInfo,
  userAgent: string,
): Transport {
  function arrivalOf(request: ApiRequest): Arrival {
    const { cause } = request;
    return { target: targetOfCall(request), userAgent, warnings: [], cause, authenticate: () => user, isExempt: true };
  }

  return {
    call: (request) =>
      chain.pass(arrivalOf(request), async (context, resolved) => {
        if (resolved.kind === 'aggregated') return aggregator.read(resolved.service, request, context.user);
        if (!isAnswered(resolved)) throw notAnswered(resolved);
        return valueOf(await answer(core, context, resolved, () => contentOf(request)));
      }),

    createAll: (request, objects) =>
      chain.pass(arrivalOf(request), (context, resolved) => {
        if (resolved.kind !== 'stored') throw notAnswered(resolved);
        const { target, served } = resolved;
        return createAll(core, operationOf(context, target, served, { body: undefined }), objects);
      }),

    async *watch(request, signal): AsyncGenerator<WatchEvent> {
      using events = await chain.pass(arrivalOf(request), (context, resolved) => {
        if (resolved.kind !== 'stored') throw notAnswered(resolved);
        const { target, served } = resolved;
        return watchEvents(core, operationOf(context, target, served, { body: undefined }), signal);
      });
      yield* events;
    },
  };
}

function isAnswered(resolved: Resolved): resolved is Answered {
  const { kind } = resolved;
  return kind === 'stored' || kind === 'measured' || kind === 'virtual';
}

function notAnswered({ kind }: Resolved): StatusError {
  return kind === 'no page' ? refused.pathNotFound() : refused.methodNotAllowed();
}

function contentOf({ body, patchType }: ApiRequest): Content {
  return { body: body === undefined ? undefined : { value: body }, patchType };
}

function valueOf(answer: Answer): unknown {
  if (answer.kind === 'value') return deepFreeze(answer.value);
  const { served } = answer;
  if (answer.kind === 'measured') return deepFreeze(measuredList(answer));
  if (answer.kind === 'object') {
    const { object } = answer;
    return object instanceof CachedObject ? object.object(served.form) : deepFreeze(object as KubeObject);
  }
  const metadata = {
    resourceVersion: String(answer.revision),
    ...(answer.continue === undefined ? {} : { continue: answer.continue }),
    ...(answer.remaining === undefined ? {} : { remainingItemCount: answer.remaining }),
  };
  return {
    kind: served.form.listKind ?? `${served.type.kind}List`,
    apiVersion: served.apiVersion,
    metadata,
    items: answer.entries.map((entry) => entry.object(served.form)),
  };
}
