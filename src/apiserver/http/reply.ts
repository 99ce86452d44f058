import type { Exchange, ResponseStream } from '../../http/exchange.ts';
import type { ResponseHeaders } from '../../http/headers.ts';
import type { StatusError } from '../../apimachinery/status.ts';
import type { AuditNotes } from '../request/audit.ts';
import { warningHeaders } from './errors.ts';
import { protobufMediaType } from '../../apimachinery/protobuf/codec.ts';
import { negotiate, type Accepted, type Offer } from './negotiate.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import { encoded } from './representation.ts';

/** Refusals are shown as what they are. */
const anyStatus: Offer = { protobuf: true, canBe: ({ form }) => form === 'object' };
const json: Accepted = { representation: { form: 'object' }, mediaType: 'application/json', pretty: false };

/** The answer to one request, with the headers that every answer has. */
export class Reply {
  #exchange: Exchange;
  readonly auditId: string;
  readonly warnings: string[] = [];
  readonly #protobuf: ProtobufForms;
  /** 0 as long as nothing was answered. */
  status = 0;
  /** Of the body, as far as that is counted. */
  bytes = 0;
  /** Is told when an answer begins that goes on. */
  audited: AuditNotes | undefined;
  #schemaUid: string | undefined;
  #levelUid: string | undefined;

  constructor(exchange: Exchange, auditId: string, protobuf: ProtobufForms) {
    this.#exchange = exchange;
    this.#protobuf = protobuf;
    this.auditId = auditId;
  }

  get exchange(): Exchange {
    return this.#exchange;
  }

  /** By which flow schema and priority level the request was let in or refused. */
  belongsTo({ schemaUid, levelUid }: { readonly schemaUid: string; readonly levelUid: string }): void {
    this.#schemaUid = schemaUid || undefined;
    this.#levelUid = levelUid || undefined;
  }

  /** Answers in another way from here on, such as over a WebSocket. */
  over(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  send(status: number, contentType: string, bytes: Uint8Array, headers?: ResponseHeaders): void {
    this.status = status;
    this.bytes += bytes.length;
    const type = contentType === '' ? undefined : contentType;
    const usual = this.#headers(type);
    this.exchange.respond(status, headers === undefined ? usual : { ...usual, ...headers }, bytes);
  }

  text(status: number, text: string, headers?: ResponseHeaders): void {
    this.send(status, 'text/plain; charset=utf-8', Buffer.from(text), headers);
  }

  /** Begins an answer that goes on; `headers` stand above the usual ones. */
  stream(status: number, headers: ResponseHeaders): ResponseStream {
    this.status = status;
    this.audited?.starts(status);
    return this.exchange.stream(status, { ...this.#headers(undefined), ...headers });
  }

  /** The Status of a refusal, in a form that the client accepts. */
  error({ status }: StatusError): void {
    const seconds = status.details?.retryAfterSeconds ?? (status.code === 504 ? 1 : undefined);
    const accepted = negotiate(this.exchange.headers.get('accept'), false, anyStatus) ?? json;
    const { mediaType, pretty } = accepted;
    const bytes = mediaType === protobufMediaType ? this.#protobuf.value(status) : encoded(status, mediaType, pretty);
    const headers = seconds === undefined ? undefined : { 'retry-after': String(seconds) };
    this.send(status.code, mediaType, bytes, headers);
  }

  #headers(contentType: string | undefined): ResponseHeaders {
    const warning = this.warnings.length === 0 ? undefined : warningHeaders(this.warnings);
    return {
      'audit-id': this.auditId,
      'cache-control': 'no-cache, private',
      warning,
      'content-type': contentType,
      'x-kubernetes-pf-flowschema-uid': this.#schemaUid,
      'x-kubernetes-pf-prioritylevel-uid': this.#levelUid,
    };
  }
}

/** Empty when the client names none; a header that cannot be read is no type that anybody knows. */
export function mediaTypeOf({ headers }: Exchange): string {
  const header = headers.get('content-type') ?? '';
  return header === '' ? '' : header.split(';')[0]!.trim().toLowerCase() || 'unreadable';
}
