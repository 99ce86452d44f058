/** In which form a client wants an answer (API concepts, "Representations"). */
export type Representation =
  | { readonly form: 'object' }
  /** Rows for people, `includeObject` with each. */
  | { readonly form: 'table'; readonly version: 'v1' | 'v1beta1' }
  /** Only the metadata of each object. */
  | { readonly form: 'metadata'; readonly version: 'v1' | 'v1beta1'; readonly list: boolean };

export interface Accepted {
  readonly representation: Representation;
  readonly mediaType: 'application/json' | 'application/yaml';
  readonly pretty: boolean;
}

interface MediaRange {
  readonly type: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly quality: number;
}

/** The ranges of an Accept header, best first. */
export function parseAccept(header: string): MediaRange[] {
  const ranges = header.split(',').map((text) => {
    const [type = '', ...rest] = text.split(';').map((part) => part.trim());
    const parameters: Record<string, string> = {};
    for (const part of rest) {
      const equals = part.indexOf('=');
      if (equals > 0) parameters[part.slice(0, equals).toLowerCase()] = part.slice(equals + 1).replace(/^"|"$/g, '');
    }
    return { type: type.toLowerCase(), parameters, quality: Number(parameters['q'] ?? 1) };
  });
  return ranges.filter(({ type }) => type !== '').sort((a, b) => b.quality - a.quality);
}

const anyRange = new Set(['*/*']);

/** The first form that the server can make, and that `canBe` lets be made of this answer; `undefined` (406) for none. */
export function negotiate(
  accept: string | undefined,
  pretty: boolean,
  canBe: (representation: Representation) => boolean = () => true,
): Accepted | undefined {
  if (accept === undefined || accept === '')
    return { representation: { form: 'object' }, mediaType: 'application/json', pretty };
  for (const { type, parameters } of parseAccept(accept)) {
    const mediaType =
      type === 'application/yaml' || type === 'application/json'
        ? type
        : anyRange.has(type)
          ? 'application/json'
          : undefined;
    if (mediaType === undefined) continue;
    const representation = representationOf(parameters);
    if (representation !== undefined && canBe(representation))
      return { representation, mediaType, pretty: pretty || parameters['pretty'] === '1' };
  }
  return undefined;
}

function representationOf({ as, g, v }: Readonly<Record<string, string>>): Representation | undefined {
  if (as === undefined) return { form: 'object' };
  if (g !== 'meta.k8s.io' || (v !== 'v1' && v !== 'v1beta1')) return undefined;
  if (as === 'Table') return { form: 'table', version: v };
  if (as === 'PartialObjectMetadata') return { form: 'metadata', version: v, list: false };
  if (as === 'PartialObjectMetadataList') return { form: 'metadata', version: v, list: true };
  return undefined;
}
