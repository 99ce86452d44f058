import type { KubeObject } from '../apimachinery/object.ts';
import type { ApiRequest, Transport, WatchEvent } from '../apimachinery/request.ts';
import { refused } from '../apimachinery/status.ts';
import { deepFreeze } from '../apimachinery/freeze.ts';
import type { Attributes, Authorizer, UserInfo } from './auth/auth.ts';
import { demand } from './auth/authorizer.ts';
import { CachedObject } from './cache/cached-object.ts';
import { handle } from './rest/handle.ts';
import { measuredList } from './rest/measured.ts';
import type { Answer, Core, Operation } from './rest/operation.ts';
import { createVirtual } from './rest/virtual.ts';
import { watchEvents } from './rest/watch-events.ts';

export interface InProcessParts {
  readonly core: Core;
  readonly authorizer: Authorizer;
}

/**
 * The API server as a function call: the same rules as over HTTPS, authorization included, without sockets, encoding or
 * copies. `user` is who calls; `userAgent` names the field manager.
 */
export function inProcessTransport(parts: InProcessParts, user: UserInfo, userAgent: string): Transport {
  const { core } = parts;

  function operationOf({ body, ...request }: ApiRequest): Operation {
    const { group, version, resource } = request.type;
    const served = core.catalogs.current.find(group, version, resource);
    if (served === undefined) throw refused.pathNotFound();
    return { request, served, user, userAgent, body: body === undefined ? undefined : { value: body }, warn() {} };
  }

  return {
    async call(request) {
      demand(parts.authorizer, attributesOf(request, user));
      const { type, subresource, namespace, name } = request;
      const resolved = core.catalogs.current.resolve({ ...type, subresource });
      if (resolved.kind === 'virtual') {
        return deepFreeze(
          await createVirtual(core, resolved.virtual, {
            user,
            body: { value: request.body },
            ...(namespace === undefined ? {} : { namespace }),
            ...(name === undefined ? {} : { name }),
            options: request.options ?? {},
            userAgent,
            warn() {},
          }),
        );
      }
      return valueOf(await handle(core, operationOf(request)));
    },

    async *watch(request, signal): AsyncGenerator<WatchEvent> {
      demand(parts.authorizer, attributesOf(request, user));
      using events = await watchEvents(core, operationOf(request), signal);
      yield* events;
    },
  };
}

function attributesOf({ type, verb, subresource, namespace, name, options }: ApiRequest, user: UserInfo): Attributes {
  const { fieldSelector } = options ?? {};
  return {
    user,
    verb,
    group: type.group,
    version: type.version,
    resource: type.resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    ...(fieldSelector === undefined ? {} : { fieldSelector }),
  };
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
    kind: `${served.type.kind}List`,
    apiVersion: served.apiVersion,
    metadata,
    items: answer.entries.map((entry) => entry.object(served.form)),
  };
}
