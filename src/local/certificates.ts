import { dump } from 'js-yaml';
import { makePrivateFolder, readTextIfThere, writeFileAtomically } from '../base/node/files.ts';
import type { Kubeconfig } from '../client/node/kubeconfig.ts';
import { apiPort, contextName, nodeName, type ClusterConfig, type ClusterNode } from './cluster-config.ts';
import { clusterPaths, nodePaths, type Home } from './paths.ts';
import { agentClients, agentUsers, nodePki, type NodePki } from './program-config.ts';

/** PEM texts. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
}

/** Issues a cluster's certificates: part of the control plane, so it is passed in. */
export interface ClusterAuthority {
  /** The authority's certificate. */
  readonly certificate: string;
  readonly admin: Identity;
  issueNode(node: { readonly name: string; readonly addresses: readonly string[] }): Promise<Identity>;
  /** For a part of an agent, which is a client only. */
  issueClient(user: string): Promise<Identity>;
}

/** Writes the kubeconfig of the administrator and the identity of every node. What a node has already is kept. */
export async function writeIdentities(home: Home, cluster: ClusterConfig, authority: ClusterAuthority): Promise<void> {
  const paths = clusterPaths(home, cluster.name);
  const admin = kubeconfigFor(clientUrl(cluster), contextName(cluster.name), authority.certificate, authority.admin);
  await writeKubeconfig(paths.adminKubeconfig, admin);
  for (const node of cluster.nodes) {
    const folder = nodePaths(home, cluster.name, node.name).pki;
    await makePrivateFolder(folder);
    await writeKubelet(nodePki(folder), cluster, node, authority);
    await writeClients(nodePki(folder), cluster, authority);
  }
}

async function writeKubelet(
  files: NodePki,
  cluster: ClusterConfig,
  node: ClusterNode,
  authority: ClusterAuthority,
): Promise<void> {
  if ((await readTextIfThere(files.kubeconfig)) !== undefined) return;
  const identity = await authority.issueNode({ name: nodeName(cluster.name, node.name), addresses: [node.address] });
  await writeFileAtomically(files.authority, authority.certificate);
  await writeFileAtomically(files.certificate, identity.certificate);
  await writeFileAtomically(files.key, identity.key);
  await writeKubeconfig(
    files.kubeconfig,
    kubeconfigFor(serverUrl(cluster), 'kubelet', authority.certificate, identity),
  );
}

async function writeClients(files: NodePki, cluster: ClusterConfig, authority: ClusterAuthority): Promise<void> {
  for (const client of agentClients) {
    const file = files.clients[client];
    if ((await readTextIfThere(file)) !== undefined) continue;
    const identity = await authority.issueClient(agentUsers[client]);
    await writeKubeconfig(file, kubeconfigFor(serverUrl(cluster), client, authority.certificate, identity));
  }
}

async function writeKubeconfig(file: string, kubeconfig: Kubeconfig): Promise<void> {
  await writeFileAtomically(file, dump(kubeconfig, { lineWidth: -1 }));
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
