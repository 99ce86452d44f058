import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { isRuntimeError } from './runtime-error.ts';
import { makeContainerConfig, makeSandboxConfig } from '../testing/runtime-configs.ts';
import type { ContainerRuntime, SandboxConfig } from './runtime.ts';

/** What a container runs in a test; simulated runtimes go by the image, real ones by the command. */
export interface Program {
  /** An image that the runtime has, under its short name. */
  readonly image: string;
  readonly command: readonly string[];
}

/** A runtime to be tested, and what it can run. */
export interface RuntimeUnderTest extends AsyncDisposable {
  readonly runtime: ContainerRuntime;
  /** Runs until SIGTERM, then exits with 7. */
  readonly untilTerminated: Program;
  /** Ignores SIGTERM. */
  readonly stubborn: Program;
  /** Exits with 3. */
  readonly exitsWithThree: Program;
  /** Its program is not in the image. */
  readonly missing: Program;
  /** Commands for exec in `untilTerminated`; absent: this runtime cannot run any. */
  readonly exec?: {
    /** Exits with 0 as soon as it knows what to do on SIGTERM: until then a container does not hear of one. */
    readonly isReady: readonly string[];
    /** Writes `out` to standard output, `err` to standard error, and exits with 3. */
    readonly exitsWithThree: readonly string[];
    /** Takes more than a second. */
    readonly slow: readonly string[];
    readonly missing: readonly string[];
  };
  /** For sandboxes of this test. */
  readonly cgroupParent: string;
  readonly logDirectory: string;
  /** Lets what runs go on; resolves a little later. */
  settle(): Promise<void>;
}

/** How often a test settles before it gives up: 20 s for a real runtime. */
const mostTurns = 1000;

/** The rules every {@link ContainerRuntime} keeps, run against each implementation. */
export function describeRuntimeContract(name: string, open: () => Promise<RuntimeUnderTest>): void {
  describe(`${name} keeps the runtime contract`, () => {
    let subject: RuntimeUnderTest;
    let runtime: ContainerRuntime;
    let sandboxes = 0;
    before(async () => {
      subject = await open();
      ({ runtime } = subject);
    });
    after(() => subject?.[Symbol.asyncDispose]());

    async function startSandbox(): Promise<{ id: string; config: SandboxConfig }> {
      const config = makeSandboxConfig(`contract-${sandboxes++}`, subject);
      return { id: await runtime.runSandbox(config), config };
    }
    async function startContainer(program: Program) {
      const sandbox = await startSandbox();
      const config = makeContainerConfig(program.image, program.command);
      const id = await runtime.createContainer(sandbox.id, config, sandbox.config);
      await runtime.startContainer(id);
      return { id, sandbox };
    }
    /** Asks again as the runtime goes on, until there is an answer. */
    async function until<T>(ask: () => T | Promise<T>): Promise<NonNullable<Exclude<T, false>>> {
      for (let turn = 0; turn < mostTurns; turn++) {
        const answer = await ask();
        if (answer) return answer as NonNullable<Exclude<T, false>>;
        await subject.settle();
      }
      throw new Error(`Cannot go on: nothing came within ${mostTurns} turns of ${ask.toString()}`);
    }
    const exited = (id: string) =>
      until(async () => {
        const detail = await runtime.containerStatus(id);
        return detail?.state === 'exited' && detail;
      });
    async function remove(sandboxId: string): Promise<void> {
      await runtime.stopSandbox(sandboxId);
      for (const container of await runtime.listContainers())
        if (container.sandboxId === sandboxId) await runtime.removeContainer(container.id);
      await runtime.removeSandbox(sandboxId);
    }

    test('it says its name and that it and the network are ready', async () => {
      assert.notEqual((await runtime.version()).name, '');
      const { runtimeReady, networkReady } = await runtime.status();
      assert.deepEqual({ runtimeReady, networkReady }, { runtimeReady: true, networkReady: true });
    });

    test('a sandbox runs with an address, is listed with its identity, and is gone after removal', async () => {
      const { id, config } = await startSandbox();
      const status = await runtime.sandboxStatus(id);
      assert.equal(status?.ready, true);
      assert.equal(status.ips.length, 1);
      const listed = (await runtime.listSandboxes()).find((sandbox) => sandbox.id === id);
      assert.deepEqual(listed?.pod, config.pod);
      assert.deepEqual(listed.labels, config.labels);
      assert.deepEqual(listed.annotations, config.annotations);
      await runtime.stopSandbox(id);
      assert.equal((await runtime.sandboxStatus(id))?.ready, false);
      await runtime.removeSandbox(id);
      assert.equal(await runtime.sandboxStatus(id), undefined);
    });

    test('a container is created, runs, and stops with the exit code of its own handler', async () => {
      const { id: sandboxId, config: sandbox } = await startSandbox();
      const { image, command } = subject.untilTerminated;
      const config = makeContainerConfig(image, command, { attempt: 2 });
      const id = await runtime.createContainer(sandboxId, config, sandbox);
      assert.equal((await runtime.containerStatus(id))?.state, 'created');
      await runtime.startContainer(id);
      await subject.settle();
      const { exec } = subject;
      if (exec !== undefined) await until(async () => (await runtime.execSync(id, exec.isReady, 10)).exitCode === 0);
      const running = await runtime.containerStatus(id);
      assert.equal(running?.state, 'running');
      assert.equal(running.finishedAt, 0);
      assert.ok(running.startedAt >= running.createdAt);
      const summary = (await runtime.listContainers()).find((container) => container.id === id);
      assert.deepEqual(
        { name: summary?.name, attempt: summary?.attempt, sandboxId: summary?.sandboxId, labels: summary?.labels },
        { name: config.name, attempt: 2, sandboxId, labels: config.labels },
      );
      await runtime.stopContainer(id, 10);
      const stopped = await runtime.containerStatus(id);
      assert.deepEqual(
        { state: stopped?.state, exitCode: stopped?.exitCode, reason: stopped?.reason },
        { state: 'exited', exitCode: 7, reason: 'Error' },
      );
      assert.ok(stopped!.finishedAt >= stopped!.startedAt);
      await remove(sandboxId);
      assert.equal(await runtime.containerStatus(id), undefined);
    });

    test('a container that ignores SIGTERM is killed after the grace', async () => {
      const { id, sandbox } = await startContainer(subject.stubborn);
      await runtime.stopContainer(id, 0);
      assert.equal((await exited(id)).exitCode, 137);
      await remove(sandbox.id);
    });

    test('a container that ends by itself shows its exit code', async () => {
      const { id, sandbox } = await startContainer(subject.exitsWithThree);
      const { exitCode, reason } = await exited(id);
      assert.deepEqual({ exitCode, reason }, { exitCode: 3, reason: 'Error' });
      await remove(sandbox.id);
    });

    test('a program that is not there makes the start fail with its name', async () => {
      const { id: sandboxId, config } = await startSandbox();
      const id = await runtime.createContainer(
        sandboxId,
        makeContainerConfig(subject.missing.image, subject.missing.command),
        config,
      );
      await assert.rejects(runtime.startContainer(id), (error) => {
        assert.ok(isRuntimeError(error));
        assert.match(error.message, new RegExp(`"${subject.missing.command[0]}"`));
        return true;
      });
      await remove(sandboxId);
    });

    test('stopping a sandbox stops its containers', async () => {
      const { id, sandbox } = await startContainer(subject.stubborn);
      await runtime.stopSandbox(sandbox.id);
      assert.equal((await runtime.containerStatus(id))?.state, 'exited');
      await remove(sandbox.id);
    });

    test('execSync gives output and exit code, or says that it took too long or could not start', async (context) => {
      const commands = subject.exec;
      if (commands === undefined) return context.skip('the runtime has no programs');
      const { id, sandbox } = await startContainer(subject.untilTerminated);
      const result = await runtime.execSync(id, commands.exitsWithThree, 10);
      assert.deepEqual(
        [Buffer.from(result.stdout).toString().trim(), Buffer.from(result.stderr).toString().trim(), result.exitCode],
        ['out', 'err', 3],
      );
      await assert.rejects(runtime.execSync(id, commands.slow, 1), (error) =>
        isRuntimeError(error, 'DeadlineExceeded'),
      );
      await assert.rejects(runtime.execSync(id, commands.missing, 10), (error) => isRuntimeError(error));
      await remove(sandbox.id);
    });

    test('the end of a container and of a sandbox is told once, and status calls show it soon', async (context) => {
      if (runtime.ends === undefined) return context.skip('the runtime tells nothing');
      const stop = new AbortController();
      const told: string[] = [];
      const listening = (async () => {
        for await (const id of runtime.ends!(stop.signal)) told.push(id);
      })();
      await subject.settle();
      const { id: short, sandbox } = await startContainer(subject.exitsWithThree);
      await until(() => told.includes(short));
      assert.equal((await exited(short)).exitCode, 3);
      const { image, command } = subject.stubborn;
      const config = makeContainerConfig(image, command, { attempt: 1 });
      const long = await runtime.createContainer(sandbox.id, config, sandbox.config);
      await runtime.startContainer(long);
      if (subject.exec !== undefined) await runtime.execSync(long, ['/bin/sh', '-c', 'exit 0'], 10);
      await runtime.stopContainer(long, 0);
      await runtime.stopSandbox(sandbox.id);
      await until(() => told.includes(sandbox.id));
      const own = [short, long, sandbox.id];
      assert.deepEqual(
        told.filter((id) => own.includes(id)),
        own,
      );
      await remove(sandbox.id);
      stop.abort();
      await listening;
    });

    test('images are found by the name that users write, and by id', async () => {
      const image = await runtime.imageStatus(subject.stubborn.image);
      assert.ok(image !== undefined);
      assert.equal((await runtime.imageStatus(image.id))?.id, image.id);
      assert.ok((await runtime.listImages()).some(({ id }) => id === image.id));
      assert.equal(await runtime.imageStatus('nothing/of-this-name:v0'), undefined);
    });

    test('the folders of an image are held for a volume until they are released', async () => {
      const { id } = (await runtime.imageStatus(subject.stubborn.image))!;
      const folders = await runtime.holdImage(id, { podUid: 'holder', volume: 'v' });
      assert.ok(folders.length > 0);
      assert.deepEqual(await runtime.holdImage(id, { podUid: 'holder', volume: 'v' }), folders);
      await runtime.holdImage(id, { podUid: 'other', volume: 'v' });
      assert.deepEqual([...(await runtime.imageHolders())].sort(), ['holder', 'other']);
      await runtime.releaseImages('holder');
      await runtime.releaseImages('holder');
      assert.deepEqual(await runtime.imageHolders(), ['other']);
      await runtime.releaseImages('other');
      const missing = `sha256:${'0'.repeat(64)}`;
      await assert.rejects(runtime.holdImage(missing, { podUid: 'holder', volume: 'v' }), (error) =>
        isRuntimeError(error, 'NotFound'),
      );
      assert.deepEqual(await runtime.imageHolders(), []);
    });

    test('stop and remove of what is gone succeed, and its status is undefined', async () => {
      await runtime.stopContainer('gone', 1);
      await runtime.removeContainer('gone');
      await runtime.stopSandbox('gone');
      await runtime.removeSandbox('gone');
      assert.equal(await runtime.containerStatus('gone'), undefined);
      assert.equal(await runtime.sandboxStatus('gone'), undefined);
    });
  });
}
