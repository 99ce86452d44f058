import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';

/** Who calls the kubelet, by client certificate or token. */
export interface KubeletCaller {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/** Names of the API server's client certificate. */
const apiServers = ['kube-apiserver-kubelet-client', 'kube-apiserver'];
const administrators = 'system:masters';

/** The caller, or `undefined` when there is no certificate that the cluster's authority signed. */
export function callerOf(socket: TLSSocket): KubeletCaller | undefined {
  if (!socket.authorized) return undefined;
  const raw = socket.getPeerCertificate().raw as Buffer | undefined;
  return raw === undefined ? undefined : callerFrom(new X509Certificate(raw).subject);
}

/** Reads `O=…` and `CN=…`, one a line. */
export function callerFrom(subject: string): KubeletCaller | undefined {
  const values = (name: string): string[] =>
    subject
      .split('\n')
      .filter((line) => line.startsWith(`${name}=`))
      .map((line) => line.slice(name.length + 1));
  const [name] = values('CN');
  return name === undefined ? undefined : { name, groups: values('O') };
}

/** Whether the caller may use the kubelet without the API server being asked. */
export function isTrusted({ name, groups }: KubeletCaller): boolean {
  return apiServers.includes(name) || groups.includes(administrators);
}
