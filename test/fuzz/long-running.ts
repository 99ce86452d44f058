import type { FuzzRequest } from './requests.ts';

/** Whether the answer may go on until the client leaves. */
export function isLongRunning({ method, path }: FuzzRequest): boolean {
  return method === 'GET' && (/[?&]watch=/.test(path) || path.includes('/watch/') || /[?&]follow=/.test(path));
}
