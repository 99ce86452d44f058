import type { StatusError } from '../../apimachinery/status.ts';
import { parseAccept } from '../http/negotiate.ts';
import type { CachedDocument } from './cached-document.ts';

/** What discovery answers; `headers` come on top of content-type, etag and vary. */
export interface DiscoveryAnswer {
  readonly code: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  /** Quoted, for `ETag` and `If-None-Match`. */
  readonly etag?: string;
  /** The body for a client that accepts gzip; absent where it is not worth it. */
  readonly compressed?: () => Promise<Uint8Array>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One form of a document, and the media types that ask for it. */
export interface Offer {
  /** Whether a range of an Accept header asks for this form. */
  matches(type: string, parameters: Readonly<Record<string, string>>): boolean;
  readonly contentType: string;
  readonly document: CachedDocument;
}

/** The best form for an Accept header; the first offer when there is none. */
export function choose(offers: readonly Offer[], accept: string | undefined): Offer | undefined {
  if (accept === undefined || accept.trim() === '') return offers[0];
  for (const { type, subtype, parameters } of parseAccept(accept)) {
    const offer = offers.find((one) => one.matches(`${type}/${subtype}`, parameters));
    if (offer) return offer;
  }
  return undefined;
}

export async function documentAnswer(
  { document, contentType }: Offer,
  headers?: Readonly<Record<string, string>>,
): Promise<DiscoveryAnswer> {
  const { bytes, hash } = await document.made();
  return {
    code: 200,
    contentType,
    body: bytes,
    etag: `"${hash}"`,
    compressed: () => document.compressed(),
    ...(headers ? { headers } : {}),
  };
}

export function textAnswer(code: number, text: string, headers?: Readonly<Record<string, string>>): DiscoveryAnswer {
  return {
    code,
    contentType: text === '' ? '' : 'text/plain; charset=utf-8',
    body: Buffer.from(text),
    ...(headers ? { headers } : {}),
  };
}

/** A Status as JSON. */
export function statusAnswer({ status }: StatusError): DiscoveryAnswer {
  return { code: status.code, contentType: 'application/json', body: Buffer.from(`${JSON.stringify(status)}\n`) };
}
