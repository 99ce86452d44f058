import { createHash } from 'node:crypto';

/** What a volume is called in the status of nodes. */
export function csiVolumeId(driver: string, handle: string): string {
  return `kubernetes.io/csi/${driver}^${handle}`;
}

/** The VolumeAttachment by which a volume is brought to a node. */
export function attachmentName(handle: string, driver: string, node: string): string {
  return `csi-${createHash('sha256').update(`${handle}${driver}${node}`).digest('hex')}`;
}
