import type { FuzzRequest } from './requests.ts';

/** Whether the answer may go on until the client leaves. Node's HTTP/1.1 client sends `get` as `GET`. */
export function isLongRunning({ method, path }: FuzzRequest): boolean {
  if (method.toUpperCase() !== 'GET') return false;
  return /[?&]watch=/.test(path) || path.includes('/watch/') || /[?&]follow=/.test(path);
}
