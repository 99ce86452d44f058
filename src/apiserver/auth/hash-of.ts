import { createHash } from 'node:crypto';

/** As Kubernetes' metrics show what is only to be compared: `sha256:…`. */
export function hashOf(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}
