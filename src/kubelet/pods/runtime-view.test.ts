import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLogger } from '../../base/logger.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { ContainerDetail } from '../runtime/runtime.ts';
import { SimulatedRuntime } from '../runtime/simulated/simulated-runtime.ts';
import { makeContainerConfig, makeSandboxConfig } from '../testing/runtime-configs.ts';
import { RuntimeView } from './runtime-view.ts';
import { runtimeLabels } from './runtime-labels.ts';

const place = { cgroupParent: '/pods', logDirectory: '/logs' };
const sandboxConfig = makeSandboxConfig('web', place);
const { uid } = sandboxConfig.pod;

/** Notes the status calls that are made: `container running`. */
class WatchedRuntime extends SimulatedRuntime {
  readonly calls: string[] = [];
  /** How often an end is not shown yet. */
  lag = 0;

  override async containerStatus(id: string): Promise<ContainerDetail | undefined> {
    const found = await super.containerStatus(id);
    const isLate = found?.state === 'exited' && this.lag-- > 0;
    const shown = isLate ? { ...found, state: 'running' as const } : found;
    this.calls.push(`container ${shown?.state ?? 'gone'}`);
    return shown;
  }

  override async sandboxStatus(id: string): ReturnType<SimulatedRuntime['sandboxStatus']> {
    const found = await super.sandboxStatus(id);
    this.calls.push(`sandbox ${found?.ready ?? 'gone'}`);
    return found;
  }
}

/** A view of a runtime with one running container. */
async function viewOfOne() {
  const clock = new VirtualClock();
  const runtime = new WatchedRuntime({ clock, name: 'node-1' });
  const view = new RuntimeView({
    runtime,
    clock,
    log: silentLogger,
    onChange: () => undefined,
    lastWords: async () => '',
    relistMs: 3_600_000,
  });
  const life = new AbortController();
  const running = view.run(life.signal);
  const act = async <T>(action: Promise<T>): Promise<T> => {
    action.catch(() => undefined);
    await clock.advance(1000);
    return await action;
  };
  await act(runtime.setPodCidr('10.244.1.0/24'));
  await clock.advance(1000);
  const sandbox = await act(runtime.runSandbox(sandboxConfig));
  const config = makeContainerConfig('app:1', [], { labels: { [runtimeLabels.podUid]: uid } });
  const container = await act(runtime.createContainer(sandbox, config));
  await act(runtime.startContainer(container));
  await view.lookAtSandbox(sandbox);
  await view.lookAt(container);
  runtime.calls.length = 0;
  return {
    clock,
    runtime,
    view,
    act,
    sandbox,
    container,
    states: () => view.observed(uid).containers.map(({ state }) => state),
    ready: () => view.observed(uid).sandboxes.map(({ ready }) => ready),
    async [Symbol.asyncDispose]() {
      life.abort();
      await running;
      await runtime[Symbol.asyncDispose]();
    },
  };
}

test('the end of a pod is known from one look at its container', async () => {
  await using one = await viewOfOne();
  await one.act(one.view.stopContainer(one.container, 30));
  assert.deepEqual(one.states(), ['exited']);
  await one.act(one.view.stopSandbox(one.sandbox));
  assert.deepEqual(one.ready(), [false]);
  await one.act(one.view.removeSandbox(one.sandbox));
  assert.deepEqual(one.view.podUids(), []);
  assert.deepEqual(one.runtime.calls, ['container exited']);
});

test('an end that the runtime tells is looked for until it is shown, with longer and longer pauses', async () => {
  await using one = await viewOfOne();
  one.runtime.lag = 4;
  one.runtime.endContainer(one.container, 1);
  await one.clock.advance(2 + 4 + 8 + 15);
  assert.deepEqual(one.states(), ['running']);
  await one.clock.advance(1);
  assert.deepEqual(one.states(), ['exited']);
  assert.deepEqual(one.runtime.calls, [...Array(4).fill('container running'), 'container exited', 'sandbox true']);
});

test('the end of a sandbox is seen with that of its containers', async () => {
  await using one = await viewOfOne();
  await one.act(one.runtime.stopSandbox(one.sandbox));
  assert.deepEqual(one.states(), ['exited']);
  assert.deepEqual(one.ready(), [false]);
  assert.deepEqual(one.runtime.calls, ['container exited', 'sandbox false']);
});

test('a container that ends before it was seen to run is seen to have ended', async () => {
  await using one = await viewOfOne();
  const config = makeContainerConfig('app:1', [], { labels: { [runtimeLabels.podUid]: uid }, attempt: 1 });
  const id = await one.act(one.runtime.createContainer(one.sandbox, config));
  await one.act(one.runtime.startContainer(id));
  one.runtime.endContainer(id, 0);
  await one.clock.settle();
  assert.deepEqual(one.states(), ['exited', 'running']);
});

test('what is removed while it is looked at does not come back', async () => {
  await using one = await viewOfOne();
  one.runtime.endContainer(one.container, 1);
  await one.act(Promise.all([one.view.lookAt(one.container), one.view.removeContainer(one.container)]));
  assert.deepEqual(one.states(), []);
});
