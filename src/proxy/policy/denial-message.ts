import type { Profile } from './profile.ts';
import type { RefusedFlow } from './refusal-sets.ts';

/** Says to a pod what its policies refused; `peer` is the other pod, where it is one. */
export function denialMessage(
  { direction, policies }: Pick<Profile, 'direction' | 'policies'>,
  { from, to, protocol, port }: RefusedFlow,
  peer: string | undefined,
): string {
  const names = policies.map((key) => `"${key.slice(key.indexOf('/') + 1)}"`);
  const who = names.length === 1 ? `NetworkPolicy ${names[0]}` : `NetworkPolicies ${listed(names)}`;
  const hasPorts = ['tcp', 'udp', 'sctp'].includes(protocol);
  const what = hasPorts ? `port ${port}/${protocol.toUpperCase()}` : protocol.toUpperCase();
  const address = direction === 'ingress' ? from : to;
  const whom = peer === undefined ? address : `pod ${peer} (${address})`;
  const verb = names.length === 1 ? 'does' : 'do';
  return direction === 'ingress'
    ? `${who} ${verb} not allow ingress from ${whom} to ${what}`
    : `${who} ${verb} not allow egress to ${whom}, ${what}`;
}

/** The first few; a pod may have hundreds. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  return `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}
