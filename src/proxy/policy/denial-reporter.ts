import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { EventRecorder } from '../../reconciler/event-recorder.ts';
import { denialMessage } from './denial-message.ts';
import type { Enforcer } from './enforcer.ts';
import type { Direction } from './profile.ts';
import type { RefusalSets, RefusedFlow } from './refusal-sets.ts';

export interface DenialReporterOptions {
  readonly enforcer: Pick<Enforcer, 'model' | 'pod' | 'restore'>;
  readonly sets: RefusalSets;
  readonly events: EventRecorder;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** Packets that a policy was among those to refuse. */
export interface DeniedPackets {
  /** `namespace/name`. */
  readonly policy: string;
  readonly direction: Direction;
  readonly packets: number;
}

export interface DenialReporter {
  /** Counted since the start, by policy and direction. */
  denied(): readonly DeniedPackets[];
  /** Resolves after the signal has aborted. */
  readonly stopped: Promise<void>;
}

const lookMs = 10_000;
const reason = 'NetworkPolicyDenied';

/**
 * Counts what policies refuse on this node, and tells the pods that they are about by an event: who wanted what, and which
 * policies do not allow it. Asks the kernel only while a pod of the node is isolated.
 */
export function reportDenials({ enforcer, sets, events, clock, log, signal }: DenialReporterOptions): DenialReporter {
  const counts = new Map<string, DeniedPackets>();
  let seen: ReadonlyMap<number, number> = new Map();
  let told: ReadonlyMap<string, number> = new Map();
  return { denied: () => [...counts.values()], stopped: run() };

  async function run(): Promise<void> {
    for (;;) {
      await clock.sleep(lookMs, signal).catch(() => undefined);
      if (signal.aborted) return;
      if (enforcer.model.isolated() === 0) continue;
      await look().catch((error: unknown) => {
        log.warn('refused packets were not read', { error: String(error) });
        enforcer.restore(); // without its sets the table is gone, and nothing isolates the pods
      });
    }
  }

  async function look(): Promise<void> {
    const denied = await sets.denied();
    const fresh = [...denied].filter(([profile, packets]) => packets !== seen.get(profile));
    for (const [profile, packets] of fresh) count(profile, since(seen.get(profile), packets));
    seen = denied;
    if (fresh.length === 0) return;
    const flows = await sets.flows();
    for (const flow of flows) if (flow.packets > (told.get(keyOf(flow)) ?? 0)) tell(flow);
    told = new Map(flows.map((flow) => [keyOf(flow), flow.packets]));
  }

  function count(profile: number, packets: number): void {
    const { direction, policies } = enforcer.model.profile(profile) ?? {};
    if (direction === undefined) return;
    for (const policy of policies ?? []) {
      const key = `${direction} ${policy}`;
      counts.set(key, { policy, direction, packets: (counts.get(key)?.packets ?? 0) + packets });
    }
  }

  function tell(flow: RefusedFlow): void {
    const { model, pod } = enforcer;
    const profile = model.profile(flow.profile);
    if (profile === undefined) return;
    const ends = [model.podAt(flow.to), model.podAt(flow.from)];
    const [subject, peer] = profile.direction === 'ingress' ? ends : ends.toReversed();
    const about = subject && pod(subject.key);
    if (about !== undefined) events.record(about, 'Warning', reason, denialMessage(profile, flow, peer?.key));
  }
}

/** A count that has become smaller began anew. */
function since(before = 0, now: number): number {
  return now < before ? now : now - before;
}

function keyOf({ profile, from, to, protocol, port }: RefusedFlow): string {
  return [profile, from, to, protocol, port].join(' ');
}
