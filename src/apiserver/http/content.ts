import type { Clock } from '../../base/clock.ts';
import type { PatchType } from '../../apimachinery/request.ts';
import { Turns } from '../../base/turns.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { isLarge } from '../large.ts';
import type { Content } from '../request/operation.ts';
import type { ResourceTarget } from '../request/target.ts';
import type { Body } from '../rest/operation.ts';
import { unknownPatchType } from '../rest/patch-types.ts';
import { readBody } from './body-reader.ts';
import type { LargeTexts } from './large-texts.ts';
import { readAhead } from './read-ahead.ts';
import { mediaTypeOf } from './reply.ts';

export const applyType = 'application/apply-patch+yaml';

const patchTypes: Record<string, PatchType> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  [applyType]: 'apply',
};

const yamlTypes = new Set(['application/yaml', applyType]);

const noContent: Content = { body: undefined };

/**
 * The body, which is read only now that the request may be carried out. Whoever has it begins: of hundreds whose requests
 * came in one turn of the event loop, few do so in it.
 */
export function contentOf(
  texts: LargeTexts,
  clock: Clock,
  exchange: Exchange,
  { verb }: ResourceTarget,
  served: ServedVersion | undefined,
): Content | Promise<Content> {
  const isRead = verb === 'get' || verb === 'list';
  return inTurn(clock, isRead ? noContent : readContent(texts, clock, exchange, verb, served));
}

/** Without a promise where there is nothing to wait for: reads are most of all requests. */
function inTurn(clock: Clock, content: Content | Promise<Content>): Content | Promise<Content> {
  if (content instanceof Promise) return content.then((one) => inTurn(clock, one));
  const turns = Turns.ofBeginnings(clock);
  return turns.isOver ? turns.next().then(() => content) : content;
}

async function readContent(
  texts: LargeTexts,
  clock: Clock,
  exchange: Exchange,
  verb: string,
  served: ServedVersion | undefined,
): Promise<Content> {
  const bytes = await readBody(exchange);
  const mediaType = mediaTypeOf(exchange);
  const patchType = verb === 'patch' ? patchTypeOf(mediaType, served) : undefined;
  const body = isLarge(bytes.length) ? await largeBody(texts, clock, bytes, mediaType) : { bytes, mediaType };
  return { body, patchType };
}

/** Throws RequestEntityTooLarge for one that would take too long whatever it is for. */
async function largeBody(texts: LargeTexts, clock: Clock, bytes: Buffer, mediaType: string): Promise<Body> {
  if (yamlTypes.has(mediaType)) {
    const { repeated, json, refusal } = await texts.read(bytes);
    if (refusal !== undefined) return { bytes, mediaType, yaml: { refusal } };
    return { bytes, mediaType, yaml: { json: await readAhead(json, clock), repeated } };
  }
  if (mediaType === '' || mediaType.endsWith('json')) return { bytes, mediaType, json: await readAhead(bytes, clock) };
  return { bytes, mediaType };
}

function patchTypeOf(mediaType: string, served: ServedVersion | undefined): PatchType {
  const patchType = Object.hasOwn(patchTypes, mediaType) ? patchTypes[mediaType] : undefined;
  if (patchType !== undefined) return patchType;
  throw unknownPatchType(served);
}
