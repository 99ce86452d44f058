import { Nodes, type Node } from '../../../api/core/v1/types.ts';
import { CSINodes, type CSINode, type CSINodeDriver } from '../../../api/storage/v1/types.ts';
import { isStatus } from '../../../apimachinery/status.ts';
import type { Client } from '../../../client/client.ts';
import type { Received } from '../../runtime/cri/messages.ts';

const nodeIdAnnotation = 'csi.volume.kubernetes.io/nodeid';

/** Tells the API which drivers a node has: in its CSINode, and as annotation and labels of the node itself. */
export class CsiNodeObject {
  readonly #client: Client;
  readonly #name: string;
  readonly #node: () => Readonly<Node> | undefined;

  constructor(client: Client, nodeName: string, node: () => Readonly<Node> | undefined) {
    this.#client = client;
    this.#name = nodeName;
    this.#node = node;
  }

  /** Rejects where the node is not known yet, or wears other values of the labels that the driver gives it. */
  async add(
    name: string,
    { nodeId, maxVolumesPerNode, accessibleTopology }: Received<'NodeGetInfoResponse'>,
  ): Promise<void> {
    const segments = accessibleTopology?.segments ?? {};
    const node = this.#known();
    const ids = { ...this.#ids(node), [name]: nodeId };
    await this.#client.patch(
      Nodes,
      { name: this.#name },
      {
        type: 'merge',
        body: { metadata: { annotations: { [nodeIdAnnotation]: JSON.stringify(ids) }, labels: segments } },
      },
    );
    const topologyKeys = Object.keys(segments).sort();
    const driver: CSINodeDriver = {
      name,
      nodeID: nodeId,
      topologyKeys: topologyKeys.length === 0 ? null : topologyKeys,
      ...(maxVolumesPerNode > 0 && { allocatable: { count: maxVolumesPerNode } }),
    };
    await this.#write((drivers) => [...drivers.filter((one) => one.name !== name), driver]);
  }

  async remove(name: string): Promise<void> {
    const { [name]: _, ...ids } = this.#ids(this.#known());
    const annotation = Object.keys(ids).length === 0 ? null : JSON.stringify(ids);
    await this.#client.patch(
      Nodes,
      { name: this.#name },
      { type: 'merge', body: { metadata: { annotations: { [nodeIdAnnotation]: annotation } } } },
    );
    await this.#write((drivers) => drivers.filter((one) => one.name !== name));
  }

  #known(): Readonly<Node> {
    const node = this.#node();
    if (node === undefined) throw new Error('the node has not registered yet');
    return node;
  }

  #ids({ metadata }: Readonly<Node>): Readonly<Record<string, string>> {
    const text = metadata.annotations?.[nodeIdAnnotation];
    return text === undefined ? {} : (JSON.parse(text) as Record<string, string>);
  }

  async #write(change: (drivers: readonly CSINodeDriver[]) => CSINodeDriver[]): Promise<void> {
    const found = await this.#client.get(CSINodes, { name: this.#name }).catch((error) => {
      if (isStatus(error, 'NotFound')) return undefined;
      throw error;
    });
    if (found !== undefined) {
      await this.#client.update(CSINodes, { ...found, spec: { drivers: change(found.spec.drivers ?? []) } });
      return;
    }
    const { uid } = this.#known().metadata;
    const made: CSINode = {
      metadata: {
        name: this.#name,
        ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: this.#name, uid: uid! }],
      },
      spec: { drivers: change([]) },
    };
    await this.#client.create(CSINodes, made);
  }
}
