import {
  NetworkPolicies,
  type NetworkPolicy,
  type NetworkPolicyPeer,
  type NetworkPolicyPort,
  type NetworkPolicySpec,
} from '../../../api/networking/v1/types.ts';
import { labelSelectorText } from '../../../apimachinery/selectors/label-selector.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkNetworkPolicySpec, ipBlockWarnings } from './network-policy-checks.ts';

/** Which connections pods take and make. Enforced by the nodes (src/proxy/policy). */
export const networkPolicy: ResourceDefinition<NetworkPolicy> = {
  type: NetworkPolicies,

  strategy: {
    hasGeneration: true, // though it has no status

    defaults(draft) {
      const spec: NetworkPolicySpec = (draft.spec ??= {});
      spec.podSelector ??= {};
      for (const port of portsOf(spec)) port.protocol ??= 'TCP';
      if (spec.policyTypes?.length) return;
      spec.policyTypes = spec.egress?.length ? ['Ingress', 'Egress'] : ['Ingress'];
    },

    validate({ spec }, old) {
      const errors: Errors = [];
      checkNetworkPolicySpec(errors, spec, old && rangesOf(old.spec));
      return errors;
    },

    warnings: ({ spec }) => ipBlockWarnings(spec),
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      labelSelectorText(object.spec.podSelector) || '<none>',
      ageOf(object, now),
    ],
  },
};

function portsOf({ ingress = [], egress = [] }: NetworkPolicySpec): NetworkPolicyPort[] {
  return [...ingress, ...egress].flatMap(({ ports = [] }) => ports);
}

/** Ranges of an earlier version may stay as they were written, wherever they are now. */
function rangesOf({ ingress = [], egress = [] }: Readonly<NetworkPolicySpec>): ReadonlySet<string> {
  const peers: NetworkPolicyPeer[] = [
    ...ingress.flatMap(({ from = [] }) => from),
    ...egress.flatMap(({ to = [] }) => to),
  ];
  return new Set(
    peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock.cidr, ...(ipBlock.except ?? [])])),
  );
}
