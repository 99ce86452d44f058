import { Services, type Pod, type Service } from '../../api/core/v1/types.ts';
import { EndpointSlices, type EndpointSlice } from '../../api/discovery/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { labelMapMatcher } from '../../apimachinery/selectors/label-selector.ts';
import type { ServerContext } from '../context.ts';
import type { PodEndpoint } from './endpoint-state.ts';

const serviceNameLabel = 'kubernetes.io/service-name';
type Matcher = ReturnType<typeof labelMapMatcher>;

/**
 * Which pods the EndpointSlices show and how, and which Services will want them there; followed from the committed
 * objects.
 */
export class PodEndpoints {
  readonly #podEndpoints = new Map<string, readonly PodEndpoint[]>();
  /** By namespace, then by name. */
  readonly #selectors = new Map<string, Map<string, Matcher>>();
  #revision = 0;
  #onChange: (uids: ReadonlySet<string> | 'any') => void = () => {};

  constructor(context: ServerContext) {
    context.follow(EndpointSlices, (now, before, revision) => this.#followSlice(now, before, revision));
    context.follow(Services, (now, before) => this.#followService(now, before));
  }

  /** The newest revision of any slice, deletions included. */
  get revision(): number {
    return this.#revision;
  }

  endpointsOf(podUid: string): readonly PodEndpoint[] {
    return this.#podEndpoints.get(podUid) ?? [];
  }

  /** The Services that select the pod and offer it only while it is ready. */
  servicesOf({ metadata }: Readonly<Pod>): string[] {
    const selectors = this.#selectors.get(metadata.namespace ?? '') ?? new Map<string, Matcher>();
    return [...selectors].filter(([, matches]) => matches(metadata.labels)).map(([name]) => name);
  }

  /** Calls `listener` after a change with the pods that it may matter to. There is one listener. */
  onChange(listener: (uids: ReadonlySet<string> | 'any') => void): void {
    this.#onChange = listener;
  }

  #followSlice(
    now: Readonly<EndpointSlice> | undefined,
    before: Readonly<EndpointSlice> | undefined,
    revision: number,
  ): void {
    this.#revision = Math.max(this.#revision, revision);
    const slice = keyText((now ?? before)!.metadata);
    const shown = now === undefined ? new Map<string, PodEndpoint>() : endpointsIn(slice, now);
    const uids = new Set([...shown.keys(), ...podUidsIn(before)]);
    for (const uid of uids) {
      const others = this.endpointsOf(uid).filter((one) => one.slice !== slice);
      const own = shown.get(uid);
      if (own !== undefined) this.#podEndpoints.set(uid, [...others, own]);
      else if (others.length > 0) this.#podEndpoints.set(uid, others);
      else this.#podEndpoints.delete(uid);
    }
    this.#onChange(uids);
  }

  #followService(now: Readonly<Service> | undefined, before: Readonly<Service> | undefined): void {
    const { namespace = '', name } = (now ?? before)!.metadata;
    const services = this.#selectors.get(namespace) ?? new Map<string, Matcher>();
    this.#selectors.set(namespace, services);
    if (now !== undefined && waitsForReady(now)) services.set(name, labelMapMatcher(now.spec.selector));
    else services.delete(name);
    if (services.size === 0) this.#selectors.delete(namespace);
    this.#onChange('any');
  }
}

function waitsForReady({ metadata, spec }: Readonly<Service>): boolean {
  const { type, selector = {}, publishNotReadyAddresses } = spec;
  if (type === 'ExternalName' || Object.keys(selector).length === 0) return false;
  return publishNotReadyAddresses !== true && metadata.deletionTimestamp === undefined;
}

function podUidsIn(slice: Readonly<EndpointSlice> | undefined): string[] {
  return (slice?.endpoints ?? []).flatMap(({ targetRef }) => (targetRef?.uid === undefined ? [] : [targetRef.uid]));
}

/** A pod that stands in one slice twice is offered when either says so. */
function endpointsIn(slice: string, { metadata, endpoints }: Readonly<EndpointSlice>): Map<string, PodEndpoint> {
  const service = metadata.labels?.[serviceNameLabel] ?? '';
  const found = new Map<string, PodEndpoint>();
  for (const { targetRef, conditions } of endpoints ?? []) {
    if (targetRef?.uid === undefined) continue;
    const other = found.get(targetRef.uid);
    found.set(targetRef.uid, {
      slice,
      service,
      // What is not said counts as ready.
      ready: conditions?.ready !== false || other?.ready === true,
      terminating: conditions?.terminating === true && other?.terminating !== false,
    });
  }
  return found;
}
