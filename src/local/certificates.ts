import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../base/node/files.ts';
import { accessOf, kubeconfigText, readKubeconfig, type Kubeconfig } from '../client/node/kubeconfig.ts';
import { apiPort, contextName, nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { identityText, parseIdentity, type Identity } from './identity.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { agentClients, agentUser, nodePki, type AgentUser, type NodePki } from './program-config.ts';

/** Issues a cluster's certificates: part of the control plane, so it is passed in. */
export interface ClusterAuthority {
  /** The authority's certificate. */
  readonly certificate: string;
  readonly admin: Identity;
  /** Whether it is this authority's, has time left, and is that user's where one is named. */
  isGood(identity: Identity, user?: AgentUser): boolean;
  issueNode(node: { readonly name: string; readonly addresses: readonly string[] }): Promise<Identity>;
  /** For a part of an agent, which is a client only. */
  issueClient(user: AgentUser): Promise<Identity>;
}

/**
 * Writes the kubeconfig of the administrator and the identity of every node. What a node has already, and is good for
 * some time, is kept.
 */
export async function writeIdentities(home: Home, cluster: ClusterConfig, authority: ClusterAuthority): Promise<void> {
  await writeAdmin(home, cluster, authority);
  for (const node of cluster.nodes) {
    const folder = nodePaths(home, cluster.name, node.name).pki;
    await makePrivateFolder(folder);
    await writeKubelet(nodePki(folder), cluster, node, authority);
    await writeClients(nodePki(folder), cluster, node, authority);
  }
}

/** Writes the kubeconfig of the administrator, with a certificate that is good for some time. */
export async function writeAdmin(home: Home, cluster: ClusterConfig, authority: ClusterAuthority): Promise<void> {
  const { certificate, admin } = authority;
  const kubeconfig = kubeconfigFor(clientUrl(cluster), contextName(cluster.name), certificate, admin);
  await writeKubeconfig(clusterPaths(home, cluster.name).adminKubeconfig, kubeconfig);
}

async function writeKubelet(
  files: NodePki,
  cluster: ClusterConfig,
  node: ClusterNode,
  authority: ClusterAuthority,
): Promise<void> {
  const serving = await readTextIfThere(files.serving);
  const isKept = serving !== undefined && authority.isGood(parseIdentity(serving));
  if (isKept && (await hasGoodClient(files.kubeconfig, authority))) return;
  const identity = await authority.issueNode({ name: nodeName(cluster.name, node.name), addresses: [node.address] });
  await writeFileAtomically(files.authority, authority.certificate);
  await writeFileAtomically(files.serving, identityText(identity));
  await writeKubeconfig(
    files.kubeconfig,
    kubeconfigFor(serverUrl(cluster), 'kubelet', authority.certificate, identity),
  );
}

async function writeClients(
  files: NodePki,
  cluster: ClusterConfig,
  node: ClusterNode,
  authority: ClusterAuthority,
): Promise<void> {
  for (const client of agentClients) {
    const file = files.clients[client];
    const user = agentUser(client, nodeName(cluster.name, node.name));
    if (await hasGoodClient(file, authority, user)) continue;
    const identity = await authority.issueClient(user);
    await writeKubeconfig(file, kubeconfigFor(serverUrl(cluster), client, authority.certificate, identity));
  }
}

async function hasGoodClient(file: string, authority: ClusterAuthority, user?: AgentUser): Promise<boolean> {
  const kubeconfig = await readKubeconfig(file);
  if (kubeconfig === undefined) return false;
  const { cert: certificate = '', key = '' } = await accessOf(kubeconfig);
  return authority.isGood({ certificate, key }, user);
}

async function writeKubeconfig(file: string, kubeconfig: Kubeconfig): Promise<void> {
  await writeFileAtomically(file, kubeconfigText(kubeconfig));
}

/** Where nodes reach the cluster's API. */
function serverUrl(cluster: ClusterConfig): string {
  return `https://${cluster.nodes[0]!.address}:${apiPort}`;
}

/** Where clients on this machine reach it: on the port that was asked for, if one was. */
export function clientUrl(cluster: ClusterConfig): string {
  const { api } = cluster;
  if (api === undefined) return serverUrl(cluster);
  return `https://${api.listen === '0.0.0.0' ? '127.0.0.1' : api.listen}:${api.hostPort}`;
}

function kubeconfigFor(server: string, name: string, authority: string, identity: Identity): Kubeconfig {
  const base64 = (text: string): string => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server, 'certificate-authority-data': base64(authority) } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    users: [
      {
        name,
        user: { 'client-certificate-data': base64(identity.certificate), 'client-key-data': base64(identity.key) },
      },
    ],
  };
}
