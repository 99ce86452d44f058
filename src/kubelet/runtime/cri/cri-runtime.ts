import type { Clock } from '../../../base/clock.ts';
import { RuntimeError } from '../runtime-error.ts';
import type { ContainerRuntime } from '../runtime.ts';
import { CriConnection } from './connection.ts';
import { containerdEnds } from './containerd-ends.ts';
import { containerdImages } from './containerd-images.ts';
import { methods } from './methods.ts';
import { containerRequest, resourcesRequest, sandboxRequest } from './requests.ts';
import {
  addressesFrom,
  containerFrom,
  detailFrom,
  imageFrom,
  sandboxFrom,
  statsFrom,
  statusFrom,
} from './responses.ts';
import { unlessGone } from './unless-gone.ts';

export interface CriOptions {
  /** Absolute path of the runtime's unix socket. */
  readonly socket: string;
  readonly clock: Clock;
  /** How long to wait for the runtime to take connections, in milliseconds (default one minute). */
  readonly connectWithinMs?: number;
}

const second = 1000;
const usualMs = 120 * second;
const sandboxMs = 240 * second;
const pullMs = 3600 * second;
const unlimitedMs = 7 * 24 * 3600 * second;
/** Beyond the time that a command may take, so that the runtime's own answer comes first. */
const slackMs = 10 * second;

/** Connects to a runtime that speaks CRI v1. Rejects with `Unavailable` when none answers in time. */
export async function connectCri(options: CriOptions): Promise<ContainerRuntime> {
  const connection = new CriConnection(options.socket, options.clock);
  try {
    await connection.ready(options.connectWithinMs ?? 60 * second);
    const { runtimeName } = await connection.call(methods.version, {}, usualMs);
    const runtime = criRuntime(connection);
    if (runtimeName !== 'containerd') return runtime;
    return {
      ...runtime,
      ...containerdImages(connection),
      ends: (signal) => containerdEnds(connection, signal),
    };
  } catch (error) {
    connection[Symbol.dispose]();
    throw error;
  }
}

function criRuntime(connection: CriConnection): ContainerRuntime {
  /** Container → sandbox: a container's status does not say it. */
  const sandboxOf = new Map<string, string>();

  async function findSandbox(containerId: string): Promise<string> {
    const known = sandboxOf.get(containerId);
    if (known !== undefined) return known;
    const { containers } = await connection.call(methods.listContainers, { filter: { id: containerId } }, usualMs);
    return containers[0]?.podSandboxId ?? '';
  }

  const runtime: ContainerRuntime = {
    async version() {
      const { runtimeName, runtimeVersion } = await connection.call(methods.version, {}, usualMs);
      return { name: runtimeName, version: runtimeVersion };
    },
    async status() {
      return statusFrom(await connection.call(methods.status, {}, usualMs));
    },
    async setPodCidr(cidr) {
      await connection.call(
        methods.updateRuntimeConfig,
        { runtimeConfig: { networkConfig: { podCidr: cidr } } },
        usualMs,
      );
    },

    async listSandboxes() {
      return (await connection.call(methods.listPodSandbox, {}, usualMs)).items.map(sandboxFrom);
    },
    async sandboxStatus(id) {
      const answer = await unlessGone(connection.call(methods.podSandboxStatus, { podSandboxId: id }, usualMs));
      if (answer === undefined || answer.status === null) return undefined;
      return { ...sandboxFrom(answer.status), ips: addressesFrom(answer.status.network) };
    },
    async runSandbox(config) {
      const request = { config: sandboxRequest(config), runtimeHandler: config.runtimeHandler ?? '' };
      return (await connection.call(methods.runPodSandbox, request, sandboxMs)).podSandboxId;
    },
    async stopSandbox(id) {
      await unlessGone(connection.call(methods.stopPodSandbox, { podSandboxId: id }, usualMs));
    },
    async removeSandbox(id) {
      await unlessGone(connection.call(methods.removePodSandbox, { podSandboxId: id }, usualMs));
    },

    async listContainers() {
      const { containers } = await connection.call(methods.listContainers, {}, usualMs);
      sandboxOf.clear();
      for (const { id, podSandboxId } of containers) sandboxOf.set(id, podSandboxId);
      return containers.map(containerFrom);
    },
    async containerStatus(id) {
      const answer = await unlessGone(connection.call(methods.containerStatus, { containerId: id }, usualMs));
      if (answer === undefined || answer.status === null) return undefined;
      return detailFrom(answer.status, await findSandbox(id));
    },
    async createContainer(sandboxId, config, sandbox) {
      const { containerId } = await connection.call(
        methods.createContainer,
        { podSandboxId: sandboxId, config: containerRequest(config), sandboxConfig: sandboxRequest(sandbox) },
        usualMs,
      );
      sandboxOf.set(containerId, sandboxId);
      return containerId;
    },
    async startContainer(id) {
      await connection.call(methods.startContainer, { containerId: id }, usualMs);
    },
    async stopContainer(id, graceSeconds) {
      const request = { containerId: id, timeout: Math.max(0, Math.round(graceSeconds)) };
      await unlessGone(connection.call(methods.stopContainer, request, usualMs + graceSeconds * second));
    },
    async removeContainer(id) {
      await unlessGone(connection.call(methods.removeContainer, { containerId: id }, usualMs));
      sandboxOf.delete(id);
    },
    async reopenLog(id) {
      await connection.call(methods.reopenContainerLog, { containerId: id }, usualMs);
    },
    async updateResources(id, resources) {
      const request = { containerId: id, linux: resourcesRequest(resources) };
      await connection.call(methods.updateContainerResources, request, usualMs);
    },

    async execSync(id, command, timeoutSeconds) {
      const within = timeoutSeconds > 0 ? timeoutSeconds * second + slackMs : unlimitedMs;
      const request = { containerId: id, cmd: command, timeout: timeoutSeconds };
      return await connection.call(methods.execSync, request, within);
    },
    async exec(id, options) {
      const { command, tty, stdin, stdout, stderr } = options;
      return (
        await connection.call(methods.exec, { containerId: id, cmd: command, tty, stdin, stdout, stderr }, usualMs)
      ).url;
    },
    async attach(id, { tty, stdin, stdout, stderr }) {
      return (await connection.call(methods.attach, { containerId: id, tty, stdin, stdout, stderr }, usualMs)).url;
    },
    async portForward(sandboxId, ports) {
      return (await connection.call(methods.portForward, { podSandboxId: sandboxId, port: ports }, usualMs)).url;
    },

    async listImages() {
      return (await connection.call(methods.listImages, {}, usualMs)).images.map(imageFrom);
    },
    async imageStatus(reference) {
      const { image } = await connection.call(methods.imageStatus, { image: { image: reference } }, usualMs);
      return image === null ? undefined : imageFrom(image);
    },
    async pullImage(reference, auth) {
      const request = { image: { image: reference }, ...(auth === undefined ? {} : { auth }) };
      return (await connection.call(methods.pullImage, request, pullMs)).imageRef;
    },
    async removeImage(reference) {
      await unlessGone(connection.call(methods.removeImage, { image: { image: reference } }, usualMs));
    },
    async holdImage() {
      throw new RuntimeError('Unimplemented', 'the container runtime gives no folders of images');
    },
    async releaseImages() {},
    async imageHolders() {
      return [];
    },

    async containerStats() {
      return (await connection.call(methods.listContainerStats, {}, usualMs)).stats.map(statsFrom);
    },
    async [Symbol.asyncDispose]() {
      connection[Symbol.dispose]();
    },
  };
  return runtime;
}
