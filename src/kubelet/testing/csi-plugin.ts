import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Server, ServerCredentials, status, type sendUnaryData, type ServerUnaryCall } from '@grpc/grpc-js';
import { decode, encode } from '../runtime/cri/codec.ts';
import type { MessageName, Received, Sent } from '../runtime/cri/messages.ts';
import { nodeCapabilities } from '../volumes/csi/messages.ts';

export interface CsiPluginOptions {
  readonly name: string;
  /** The kubelet's. */
  readonly folder: string;
  readonly capabilities: readonly (keyof typeof nodeCapabilities)[];
  readonly most?: number;
  readonly segments?: Readonly<Record<string, string>>;
  readonly version?: string;
  /** Where the data of volumes lie; then volumes are really mounted. Absent: calls are taken and nothing is done. */
  readonly data?: string;
}

/** What a driver was asked: the method and its request. */
export type CsiCall = readonly [method: string, request: any];

/** A CSI driver in this process, over gRPC on sockets of the kubelet's folder. */
export class CsiPlugin implements AsyncDisposable {
  readonly calls: CsiCall[] = [];
  readonly #told = Promise.withResolvers<Received<'RegistrationStatus'>>();
  /** Methods that are to fail, with their text. */
  readonly failing = new Map<string, string>();
  readonly #options: CsiPluginOptions;
  readonly #server = new Server();

  constructor(options: CsiPluginOptions) {
    this.#options = options;
    const { name, version = '1.0.0' } = options;
    this.#serve('pluginregistration.Registration', 'GetInfo', ['PluginInfoRequest', 'PluginInfo'], () => ({
      type: 'CSIPlugin',
      name,
      endpoint: this.#endpoint,
      supportedVersions: [version],
    }));
    const registration = ['RegistrationStatus', 'Empty'] as const;
    this.#serve('pluginregistration.Registration', 'NotifyRegistrationStatus', registration, (told) => {
      this.#told.resolve(told);
      return {};
    });
    this.#node('NodeGetInfo', ['Empty', 'NodeGetInfoResponse'], () => ({
      nodeId: `${name}-node`,
      maxVolumesPerNode: options.most ?? 0,
      ...(options.segments && { accessibleTopology: { segments: options.segments } }),
    }));
    this.#node('NodeGetCapabilities', ['Empty', 'NodeGetCapabilitiesResponse'], () => ({
      capabilities: options.capabilities.map((one) => ({ rpc: { type: nodeCapabilities[one] } })),
    }));
    this.#node('NodeStageVolume', ['NodeStageVolumeRequest', 'Empty'], () => ({}));
    this.#node('NodeUnstageVolume', ['NodeUnstageVolumeRequest', 'Empty'], () => ({}));
    this.#node('NodePublishVolume', ['NodePublishVolumeRequest', 'Empty'], ({ volumeId, targetPath, readonly }) => {
      this.#mount(volumeId, targetPath, readonly);
      return {};
    });
    this.#node('NodeUnpublishVolume', ['NodeUnpublishVolumeRequest', 'Empty'], ({ targetPath }) => {
      if (options.data !== undefined) execFileSync('sh', ['-c', 'umount "$1" 2>/dev/null || true', 'sh', targetPath]);
      if (existsSync(targetPath)) rmdirSync(targetPath);
      return {};
    });
    const expansion = ['NodeExpandVolumeRequest', 'NodeExpandVolumeResponse'] as const;
    this.#node('NodeExpandVolume', expansion, (request) => ({
      capacityBytes: request.capacityRange?.requiredBytes ?? 0,
    }));
  }

  /** What the kubelet says of the first registration. */
  get told(): Promise<Received<'RegistrationStatus'>> {
    return this.#told.promise;
  }

  /** Resolves when the kubelet can see it. */
  async start(): Promise<void> {
    const { folder, name } = this.#options;
    mkdirSync(join(folder, 'plugins', name), { recursive: true });
    mkdirSync(join(folder, 'plugins_registry'), { recursive: true });
    for (const socket of [this.#endpoint, join(folder, 'plugins_registry', `${name}-reg.sock`)]) {
      rmSync(socket, { force: true });
      const bound = Promise.withResolvers<void>();
      this.#server.bindAsync(`unix://${socket}`, ServerCredentials.createInsecure(), (error) =>
        error === null ? bound.resolve() : bound.reject(error),
      );
      await bound.promise;
    }
  }

  /** The names of the calls but for those that only ask. */
  steps(): string[] {
    return this.calls.map(([method]) => method).filter((method) => !method.startsWith('NodeGet'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { folder, name } = this.#options;
    this.#server.forceShutdown();
    rmSync(join(folder, 'plugins_registry', `${name}-reg.sock`), { force: true });
  }

  get #endpoint(): string {
    return join(this.#options.folder, 'plugins', this.#options.name, 'csi.sock');
  }

  #mount(volume: string, target: string, isReadOnly: boolean): void {
    const { data } = this.#options;
    if (data === undefined) return;
    const source = join(data, volume);
    mkdirSync(source, { recursive: true });
    mkdirSync(target, { recursive: true });
    writeFileSync(join(source, '.volume'), volume);
    execFileSync('mount', ['--bind', source, target]);
    if (isReadOnly) execFileSync('mount', ['-o', 'bind,remount,ro', target]);
  }

  #node<Request extends MessageName, Response extends MessageName>(
    method: string,
    types: readonly [Request, Response],
    answer: (request: Received<Request>) => Sent<Response>,
  ): void {
    this.#serve('csi.v1.Node', method, types, (request) => {
      this.calls.push([method, request]);
      return answer(request);
    });
  }

  #serve<Request extends MessageName, Response extends MessageName>(
    service: string,
    method: string,
    [request, response]: readonly [Request, Response],
    answer: (request: Received<Request>) => Sent<Response>,
  ): void {
    const handle = (call: ServerUnaryCall<any, any>, reply: sendUnaryData<any>): void => {
      const failure = this.failing.get(method);
      try {
        const answered = answer(call.request as Received<Request>);
        if (failure === undefined) reply(null, answered);
        else reply({ code: status.INTERNAL, details: failure });
      } catch (error) {
        reply({ code: status.INTERNAL, details: String(error) });
      }
    };
    this.#server.register(
      `/${service}/${method}`,
      handle as never,
      (message: Sent<Response>) => encode(response, message),
      (bytes: Buffer) => decode(request, bytes) as never,
      'unary',
    );
  }
}
