import type { Node } from '../api/core/v1/types.ts';
import { aborted, deadline, linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Informer } from '../client/informer.ts';
import { readNodeSample } from './node-sample.ts';
import type { UsageWindows } from './usage-windows.ts';

export interface ScraperOptions {
  readonly nodes: Informer<Node>;
  readonly windows: UsageWindows;
  /** The text under `/metrics/resource` of a node's kubelet. */
  readonly read: (node: Readonly<Node>, signal: AbortSignal) => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** As often as Kubernetes' metrics server looks. */
const everyMs = 15_000;
/** Rates need two looks: where one is missing the next look comes soon, as often as this in a row. */
const soonMs = 1000;
const soonTries = 30;
const timeoutMs = 10_000;

/**
 * Looks at every node again and again until the signal aborts; each on its own, so that a node that hangs delays no
 * other.
 */
export async function scrapeNodes(options: ScraperOptions): Promise<void> {
  const { nodes, windows, signal } = options;
  const running = new Map<string, { readonly done: Promise<void>; readonly stop: () => void }>();
  const unlisten = nodes.onChange(({ type, object }) => {
    const { name } = object.metadata;
    if (type === 'deleted') {
      running.get(name)?.stop();
      running.delete(name);
      windows.forget(name);
    } else if (!running.has(name)) running.set(name, follow(options, name));
  });
  await aborted(signal);
  unlisten();
  await Promise.all([...running.values()].map(({ done }) => done));
}

function follow(options: ScraperOptions, name: string): { done: Promise<void>; stop: () => void } {
  const link = linkedAbort(options.signal);
  const done = lookAgainAndAgain(options, name, link.signal).finally(() => link[Symbol.dispose]());
  return { done, stop: () => link.abort() };
}

async function lookAgainAndAgain(options: ScraperOptions, name: string, signal: AbortSignal): Promise<void> {
  const { nodes, windows, clock, log } = options;
  let isWell = true;
  for (let tries = 0; !signal.aborted; tries++) {
    const node = nodes.get({ name });
    try {
      if (node !== undefined) await look(options, node, signal);
      isWell = true;
    } catch (error) {
      if (signal.aborted) return;
      if (isWell) log.warn('a node cannot be measured', { node: name, error: String(error) });
      isWell = false;
    }
    const isComplete = windows.isComplete(name);
    if (isComplete) tries = 0;
    await clock.sleep(isComplete || tries >= soonTries ? everyMs : soonMs, signal).catch(() => undefined);
  }
}

async function look(
  { read, windows, clock }: ScraperOptions,
  node: Readonly<Node>,
  signal: AbortSignal,
): Promise<void> {
  using limit = deadline(clock, timeoutMs, signal);
  const text = await read(node, limit.signal);
  if (!signal.aborted) windows.take(node.metadata.name, readNodeSample(text, clock.now()));
}
