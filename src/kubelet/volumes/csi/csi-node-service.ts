import type { Clock } from '../../../base/clock.ts';
import { CriConnection, type Method } from '../../runtime/cri/connection.ts';
import type { MessageName, Received, Sent } from '../../runtime/cri/messages.ts';
import { nodeCapabilities } from './messages.ts';

/** The node's part of one driver. Failures reject with the text that clients of gRPC show. */
export interface CsiNodeService extends Disposable {
  info(): Promise<Received<'NodeGetInfoResponse'>>;
  can(what: keyof typeof nodeCapabilities): Promise<boolean>;
  stage(request: Sent<'NodeStageVolumeRequest'>): Promise<void>;
  unstage(request: Sent<'NodeUnstageVolumeRequest'>): Promise<void>;
  publish(request: Sent<'NodePublishVolumeRequest'>): Promise<void>;
  unpublish(request: Sent<'NodeUnpublishVolumeRequest'>): Promise<void>;
  expand(request: Sent<'NodeExpandVolumeRequest'>): Promise<Received<'NodeExpandVolumeResponse'>>;
}

/** As long as Kubernetes gives a driver for one call. */
const longestMs = 120_000;
/** For what a plugin says of itself: while one is asked, others wait. */
const longestInfoMs = 10_000;

/** The driver that listens at a unix socket. */
export function connectCsi(socket: string, clock: Clock): CsiNodeService {
  const connection = new CriConnection(socket, clock);
  let capabilities: Promise<ReadonlySet<number>> | undefined;
  const call = <Request extends MessageName, Response extends MessageName>(
    name: string,
    types: readonly [Request, Response],
    request: Sent<Request>,
  ) => grpcCall(connection, { service: 'csi.v1.Node', name, request: types[0], response: types[1] }, request);
  const capable = async (): Promise<ReadonlySet<number>> => {
    const answer = await call('NodeGetCapabilities', ['Empty', 'NodeGetCapabilitiesResponse'], {});
    return new Set(answer.capabilities.flatMap(({ rpc }) => (rpc === null ? [] : [rpc.type])));
  };
  return {
    info: () =>
      grpcCall(
        connection,
        { service: 'csi.v1.Node', name: 'NodeGetInfo', request: 'Empty', response: 'NodeGetInfoResponse' },
        {},
        longestInfoMs,
      ),
    async can(what) {
      capabilities ??= capable().catch((error) => {
        capabilities = undefined;
        throw error;
      });
      return (await capabilities).has(nodeCapabilities[what]);
    },
    stage: async (request) => void (await call('NodeStageVolume', ['NodeStageVolumeRequest', 'Empty'], request)),
    unstage: async (request) => void (await call('NodeUnstageVolume', ['NodeUnstageVolumeRequest', 'Empty'], request)),
    publish: async (request) => void (await call('NodePublishVolume', ['NodePublishVolumeRequest', 'Empty'], request)),
    unpublish: async (request) =>
      void (await call('NodeUnpublishVolume', ['NodeUnpublishVolumeRequest', 'Empty'], request)),
    expand: (request) => call('NodeExpandVolume', ['NodeExpandVolumeRequest', 'NodeExpandVolumeResponse'], request),
    [Symbol.dispose]: () => connection[Symbol.dispose](),
  };
}

/** Asks a plugin what it is, and tells it what has become of it. */
export async function withPlugin<T>(
  socket: string,
  clock: Clock,
  use: (plugin: {
    info(): Promise<Received<'PluginInfo'>>;
    registered(error: string | undefined): Promise<void>;
  }) => Promise<T>,
): Promise<T> {
  using connection = new CriConnection(socket, clock);
  const service = 'pluginregistration.Registration';
  return await use({
    info: () =>
      grpcCall(
        connection,
        { service, name: 'GetInfo', request: 'PluginInfoRequest', response: 'PluginInfo' },
        {},
        longestInfoMs,
      ),
    async registered(error) {
      const method = { service, name: 'NotifyRegistrationStatus', request: 'RegistrationStatus', response: 'Empty' };
      const status = { pluginRegistered: error === undefined, ...(error !== undefined && { error }) };
      await grpcCall(connection, method as Method<'RegistrationStatus', 'Empty'>, status, longestInfoMs);
    },
  });
}

async function grpcCall<Request extends MessageName, Response extends MessageName>(
  connection: CriConnection,
  method: Method<Request, Response>,
  request: Sent<Request>,
  withinMs = longestMs,
): Promise<Received<Response>> {
  try {
    return await connection.call(method, request, withinMs);
  } catch (error) {
    const { code, details } = ((error as Error).cause ?? {}) as { code?: number; details?: string };
    if (code === undefined) throw error;
    throw new Error(`rpc error: code = ${codes[code] ?? `Code(${code})`} desc = ${details}`, { cause: error });
  }
}

/** Codes of gRPC in the words of its Go library; the indexes are the wire values. */
const codes = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
];
