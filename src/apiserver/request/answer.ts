import type { ServedVersion } from '../catalog/served-version.ts';
import { handle } from '../rest/handle.ts';
import type { Answer, Body, Core } from '../rest/operation.ts';
import { createVirtual } from '../rest/virtual.ts';
import type { AuditNotes } from './audit.ts';
import type { RequestContext } from './context.ts';
import { operationOf, type Content } from './operation.ts';
import type { Resolved } from './resolve.ts';

/** What is answered at once and from this server's own knowledge: no watches, streams, proxies and pages. */
export type Answered = Extract<Resolved, { kind: 'stored' | 'measured' | 'virtual' }>;

/** Carries out an authorized request. `content` is asked for when it is known to be needed. */
export function answer(
  core: Core,
  context: RequestContext,
  resolved: Answered,
  content: () => Content | Promise<Content>,
): Answer | Promise<Answer> {
  const { audited } = context;
  if (audited === undefined) return answered(core, context, resolved, content);
  return noted(audited, (told) => answered(core, context, resolved, told), content, broughtTo(resolved));
}

function answered(
  core: Core,
  context: RequestContext,
  resolved: Answered,
  content: () => Content | Promise<Content>,
): Answer | Promise<Answer> {
  switch (resolved.kind) {
    case 'virtual':
      return reviewed(core, context, resolved, content);
    case 'stored':
    case 'measured':
      return carriedOut(core, context, resolved, content());
  }
}

/** The kind of the object that is written as a whole. */
function broughtTo(resolved: Answered): ServedVersion | undefined {
  if (resolved.kind !== 'stored') return undefined;
  const { verb, subresource } = resolved.target;
  const isWhole = (verb === 'create' || verb === 'update') && (subresource ?? 'status') === 'status';
  return isWhole ? resolved.served : undefined;
}

/** Tells audit what a request has brought, and what it is answered with. */
async function noted(
  audited: AuditNotes,
  answerWith: (content: () => Promise<Content>) => Answer | Promise<Answer>,
  content: () => Content | Promise<Content>,
  served: ServedVersion | undefined,
): Promise<Answer> {
  const answer = await answerWith(async () => {
    const brought = await content();
    audited.brings(brought, served);
    return brought;
  });
  audited.answers(answer);
  return answer;
}

/** Without a promise where there is nothing to wait for: reads are most of all requests. */
function carriedOut(
  core: Core,
  context: RequestContext,
  resolved: Extract<Resolved, { kind: 'stored' | 'measured' }>,
  content: Content | Promise<Content>,
): Answer | Promise<Answer> {
  if (content instanceof Promise) return content.then((one) => carriedOut(core, context, resolved, one));
  return handle(core, operationOf(context, resolved.target, resolved.served, content));
}

async function reviewed(
  core: Core,
  context: RequestContext,
  resolved: Extract<Resolved, { kind: 'virtual' }>,
  content: () => Content | Promise<Content>,
): Promise<Answer> {
  return { kind: 'value', code: 201, value: await review(core, context, resolved, (await content()).body) };
}

function review(
  core: Core,
  { user, userAgent, warnings }: RequestContext,
  { virtual, target }: Extract<Resolved, { kind: 'virtual' }>,
  body: Body | undefined,
): Promise<object> {
  const { namespace, name, options } = target;
  return createVirtual(core, virtual, {
    user,
    body: body ?? { value: undefined },
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
    options,
    userAgent,
    warn: (text) => void warnings.push(text),
  });
}
