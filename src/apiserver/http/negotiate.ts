import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';

/** In which form a client wants an answer (API concepts, "Representations"). */
export type Representation =
  | { readonly form: 'object' }
  /** Rows for people, `includeObject` with each. */
  | { readonly form: 'table'; readonly version: 'v1' | 'v1beta1' }
  /** Only the metadata of each object. */
  | { readonly form: 'metadata'; readonly version: 'v1' | 'v1beta1'; readonly list: boolean };

export type TextMediaType = 'application/json' | 'application/yaml';
export type MediaType = TextMediaType | typeof protobufMediaType;

export interface Accepted {
  readonly representation: Representation;
  readonly mediaType: MediaType;
  readonly pretty: boolean;
}

/** What can be answered to a request. */
export interface Offer {
  /** Whether objects have a form in protobuf; their metadata always has one. */
  readonly protobuf: boolean;
  readonly canBe: (representation: Representation) => boolean;
}

export interface MediaRange {
  readonly type: string;
  readonly subtype: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** The ranges of an Accept header that can be read, best first, as Kubernetes' library reads them. */
export function parseAccept(header: string): MediaRange[] {
  const ranges: MediaRange[] = [];
  for (const text of header.split(',')) {
    const [range = '', ...rest] = text.trim().split(';');
    const [type = '', subtype = type.trim() === '*' ? '*' : '', more] = range.split('/').map((part) => part.trim());
    if (subtype === '' || more !== undefined) continue;
    const parameters: Record<string, string> = {};
    for (const part of rest) {
      const [name = '', value = '', extra] = part.split('=');
      if (value !== '' && extra === undefined) parameters[name.trim()] = value.trim();
    }
    const quality = parameters['q'] === undefined ? 1 : Number.parseFloat(parameters['q']) || 0;
    ranges.push({ type, subtype, parameters, quality });
  }
  return ranges.sort((a, b) => b.quality - a.quality || wildcards(a) - wildcards(b));
}

function wildcards({ type, subtype }: MediaRange): number {
  return (type === '*' ? 2 : 0) + (subtype === '*' ? 1 : 0);
}

const mediaTypes: readonly MediaType[] = ['application/json', 'application/yaml', protobufMediaType];

/** Whether the first filter lets a request pass: it compares names of types, and knows no wildcard but the whole one. */
export function passesFilter(accept: string | undefined): boolean {
  if (accept === undefined || accept === '') return true;
  return accept.split(',').some((range) => {
    const type = range.split(';')[0]!.trim();
    return type === '*/*' || (mediaTypes as readonly string[]).includes(type);
  });
}

/** The first form that the server can make, or `undefined` (406). */
export function negotiate(accept: string | undefined, pretty: boolean, offer: Offer): Accepted | undefined {
  if (accept === undefined || accept === '')
    return { representation: { form: 'object' }, mediaType: 'application/json', pretty };
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    for (const mediaType of mediaTypes) {
      const [ownType, ownSubtype] = mediaType.split('/');
      const matches = (type === '*' || type === ownType) && (subtype === '*' || subtype === ownSubtype);
      if (!matches || !allows(parameters, mediaType)) continue;
      const representation = representationOf(parameters, mediaType);
      if (representation === undefined || !offer.canBe(representation)) continue;
      if (representation.form === 'object' && mediaType === protobufMediaType && !offer.protobuf) continue;
      return { representation, mediaType, pretty: pretty || parameters['pretty'] === '1' };
    }
  }
  return undefined;
}

/** Whether the server follows what the parameters ask for besides another representation. */
function allows({ stream = '', sv = '' }: Readonly<Record<string, string>>, mediaType: MediaType): boolean {
  if (sv !== '' && sv !== 'v1') return false;
  return stream === '' || (stream === 'watch' && mediaType !== 'application/yaml');
}

function representationOf(
  { as, g, v }: Readonly<Record<string, string>>,
  mediaType: MediaType,
): Representation | undefined {
  if (as === undefined && g === undefined && v === undefined) return { form: 'object' };
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  if (as === 'Table') return mediaType === protobufMediaType ? undefined : { form: 'table', version: v };
  if (as === 'PartialObjectMetadata') return { form: 'metadata', version: v, list: false };
  if (as === 'PartialObjectMetadataList') return { form: 'metadata', version: v, list: true };
  return undefined;
}
