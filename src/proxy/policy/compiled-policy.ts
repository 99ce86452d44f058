import type { LabelSelector } from '../../api/meta/v1/types.ts';
import type { NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort } from '../../api/networking/v1/types.ts';
import { keyText } from '../../apimachinery/object.ts';
import { labelSelectorOf, matcherText, type LabelMatcher } from '../../apimachinery/selectors/label-selector.ts';
import type { Protocol } from '../traffic-plan.ts';
import type { Interval } from './intervals.ts';
import { blockRanges } from './ipv4-ranges.ts';
import { everyPort } from './port-set.ts';

/** A policy with its selectors and ranges ready for use. */
export interface CompiledPolicy {
  /** `namespace/name`. */
  readonly key: string;
  readonly namespace: string;
  readonly pods: LabelMatcher;
  /** Absent: the policy has no say in it. */
  readonly ingress?: readonly PolicyRule[];
  readonly egress?: readonly PolicyRule[];
}

/** Lets through what one of the peers and one of the ports allow. */
export interface PolicyRule {
  /** Absent: everybody. */
  readonly peers?: readonly PolicyPeer[];
  /** Absent: all ports of all protocols, and protocols without ports. */
  readonly ports?: readonly PolicyPort[];
}

export type PolicyPeer =
  | { readonly kind: 'pods'; readonly selection: PodSelection }
  | { readonly kind: 'addresses'; readonly ranges: readonly Interval[] };

/** Pods in one namespace, or in all that have certain labels. */
export interface PodSelection {
  /** Equal for those that select the same. */
  readonly key: string;
  readonly namespace: string | LabelMatcher;
  readonly pods: LabelMatcher;
}

/** A name stands for the port of that name in each pod that is connected to. */
export type PolicyPort = { readonly protocol: Protocol } & ({ readonly ports: Interval } | { readonly name: string });

const all: LabelSelector = {};

export const everyPod = podSelection(labelSelectorOf(all), labelSelectorOf(all));

export function compilePolicy({ metadata, spec }: Readonly<NetworkPolicy>): CompiledPolicy {
  const { namespace = '' } = metadata;
  const { podSelector = all, policyTypes = [], ingress = [], egress = [] } = spec;
  const rule = (peers?: readonly NetworkPolicyPeer[], ports?: readonly NetworkPolicyPort[]): PolicyRule => ({
    ...(peers?.length && { peers: peers.map((peer) => compilePeer(peer, namespace)) }),
    ...(ports?.length && { ports: ports.map(compilePort) }),
  });
  return {
    key: keyText(metadata),
    namespace,
    pods: labelSelectorOf(podSelector),
    ...(policyTypes.includes('Ingress') && { ingress: ingress.map(({ from, ports }) => rule(from, ports)) }),
    ...(policyTypes.includes('Egress') && { egress: egress.map(({ to, ports }) => rule(to, ports)) }),
  };
}

function compilePeer({ ipBlock, namespaceSelector, podSelector }: NetworkPolicyPeer, namespace: string): PolicyPeer {
  if (ipBlock !== undefined) return { kind: 'addresses', ranges: blockRanges(ipBlock) };
  const namespaces = namespaceSelector === undefined ? namespace : labelSelectorOf(namespaceSelector);
  return { kind: 'pods', selection: podSelection(namespaces, labelSelectorOf(podSelector ?? all)) };
}

function podSelection(namespace: string | LabelMatcher, pods: LabelMatcher): PodSelection {
  const where = typeof namespace === 'string' ? `in ${namespace}` : `where ${matcherText(namespace)}`;
  return { key: `${where}: ${matcherText(pods)}`, namespace, pods };
}

function compilePort({ protocol: name = 'TCP', port, endPort }: NetworkPolicyPort): PolicyPort {
  const protocol = name.toLowerCase() as Protocol;
  if (typeof port === 'string') return { protocol, name: port };
  return { protocol, ports: port === undefined ? everyPort : [port, endPort ?? port] };
}
