import { Client, credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { Clock } from '../../../base/clock.ts';
import { RuntimeError, type RuntimeErrorCode } from '../runtime-error.ts';
import { decode, encode } from './codec.ts';
import type { MessageName, Received, Sent } from './messages.ts';
import { withoutKind } from './responses.ts';

/** A method of the runtime: its path, what is sent and what comes back. */
export interface Method<Request extends MessageName, Response extends MessageName> {
  /** With its package. */
  readonly service: string;
  readonly name: string;
  readonly request: Request;
  readonly response: Response;
  /** Of containerd, in which to look; CRI has its own. */
  readonly namespace?: string;
}

const longestMessageBytes = 64 * 1024 * 1024;

const codes = new Map<number, RuntimeErrorCode>([
  [status.NOT_FOUND, 'NotFound'],
  [status.ALREADY_EXISTS, 'AlreadyExists'],
  [status.INVALID_ARGUMENT, 'InvalidArgument'],
  [status.FAILED_PRECONDITION, 'FailedPrecondition'],
  [status.DEADLINE_EXCEEDED, 'DeadlineExceeded'],
  [status.UNAVAILABLE, 'Unavailable'],
  [status.UNIMPLEMENTED, 'Unimplemented'],
]);

/** A gRPC channel to a container runtime on a unix socket. Comes back by itself soon after the runtime does. */
export class CriConnection implements Disposable {
  readonly #client: Client;
  readonly #clock: Clock;

  constructor(socket: string, clock: Clock) {
    this.#clock = clock;
    this.#client = new Client(`unix://${socket}`, credentials.createInsecure(), {
      'grpc.max_receive_message_length': longestMessageBytes,
      'grpc.max_send_message_length': longestMessageBytes,
      'grpc.initial_reconnect_backoff_ms': 50,
      'grpc.max_reconnect_backoff_ms': 500,
      'grpc.enable_http_proxy': 0,
      'grpc.service_config_disable_resolution': 1,
    });
  }

  /** Resolves when the runtime takes connections; rejects with `Unavailable` after `withinMs`. */
  ready(withinMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.waitForReady(this.#clock.now() + withinMs, (error) => {
        if (error === undefined || error === null) resolve();
        else reject(new RuntimeError('Unavailable', `container runtime does not answer: ${error.message}`));
      });
    });
  }

  /** Rejects with a {@link RuntimeError}. `withinMs` bounds the call. */
  call<Request extends MessageName, Response extends MessageName>(
    method: Method<Request, Response>,
    request: Sent<Request>,
    withinMs: number,
  ): Promise<Received<Response>> {
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest<Sent<Request>, Received<Response>>(
        pathOf(method),
        (message) => encode(method.request, message),
        (bytes) => decode(method.response, bytes),
        request,
        metadataOf(method),
        { deadline: this.#clock.now() + withinMs },
        (error, response) => (error === null ? resolve(response!) : reject(runtimeError(error))),
      );
    });
  }

  /**
   * What the runtime streams, until `signal` aborts or the runtime ends it. Rejects with a {@link RuntimeError},
   * `DeadlineExceeded` where it takes longer than `withinMs`.
   */
  async *stream<Request extends MessageName, Response extends MessageName>(
    method: Method<Request, Response>,
    request: Sent<Request>,
    { signal, withinMs }: { readonly signal?: AbortSignal; readonly withinMs?: number },
  ): AsyncIterable<Received<Response>> {
    if (signal?.aborted) return;
    const call = this.#client.makeServerStreamRequest<Sent<Request>, Received<Response>>(
      pathOf(method),
      (message) => encode(method.request, message),
      (bytes) => decode(method.response, bytes),
      request,
      metadataOf(method),
      withinMs === undefined ? {} : { deadline: this.#clock.now() + withinMs },
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      for await (const message of call) yield message as Received<Response>;
    } catch (error) {
      if (signal?.aborted !== true) throw runtimeError(error as ServiceError);
    } finally {
      signal?.removeEventListener('abort', cancel);
      call.cancel();
    }
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

function pathOf(method: Method<MessageName, MessageName>): string {
  return `/${method.service}/${method.name}`;
}

function metadataOf({ namespace }: Method<MessageName, MessageName>): Metadata {
  const metadata = new Metadata();
  if (namespace !== undefined) metadata.set('containerd-namespace', namespace);
  return metadata;
}

function runtimeError(error: ServiceError): RuntimeError {
  return new RuntimeError(codes.get(error.code) ?? 'Unknown', withoutKind(error.details ?? error.message), {
    cause: error,
  });
}
