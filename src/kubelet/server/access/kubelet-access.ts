import type { KubeletCaller } from './client-identity.ts';
import type { NodeAttributes } from './node-attributes.ts';

/** Who may use a kubelet, for callers other than the API server. */
export interface KubeletAccess {
  /** Whose bearer token it is; `undefined` for nobody's. Rejects when that cannot be found out. */
  identify(token: string): Promise<KubeletCaller | undefined>;
  /** Whether the caller may do it. Rejects when that cannot be found out. */
  allows(caller: KubeletCaller, attributes: NodeAttributes): Promise<boolean>;
}

/** Believes no tokens and lets nobody in. */
export const noAccess: KubeletAccess = { identify: async () => undefined, allows: async () => false };
