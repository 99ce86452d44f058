/** What the proxy knows of the node that it works for. */
export interface NodeView {
  readonly name: string;
  /** IPv4 addresses on which node ports and host ports answer. */
  readonly addresses: readonly string[];
  /** Those of all nodes, in canonical form. */
  readonly nodeAddresses?: ReadonlySet<string>;
  /** Addresses of all pods of the cluster. */
  readonly podCidr: string;
  /** Addresses of Services; packets to them never leave the node. */
  readonly serviceCidr: string;
  /** Where the node is, for Services that ask to stay near. */
  readonly zone?: string;
}
