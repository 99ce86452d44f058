import { join } from 'node:path';

/** Files of one nginx. All are below one folder, which is its prefix and its working directory: that is how it is found. */
export interface NginxFolder {
  readonly prefix: string;
  readonly configuration: string;
  /** A configuration that is being tried. */
  readonly candidate: string;
  readonly pid: string;
  readonly errorLog: string;
  /** What nginx says before it has read where its log is. */
  readonly output: string;
  /** Lua code. */
  readonly scripts: string;
  /** The endpoints to begin with: they are not in the configuration. */
  readonly endpoints: string;
  /** For root only; holds the socket over which endpoints are given. */
  readonly control: string;
  readonly controlSocket: string;
  /** Of a server that answers for backends without endpoints; workers connect to it. */
  readonly nobodySocket: string;
  /** Of the same, for requests that are sent on over TLS. */
  readonly nobodyTlsSocket: string;
  /** Certificates with their keys. */
  readonly certificates: string;
  /** Users with the hashes of their passwords: workers read them at each request. */
  readonly users: string;
  /** Bodies of requests and answers that are too long for memory. */
  readonly temporary: string;
}

/** `prefix` must be absolute, short (it has a unix socket below it), and open to nginx's workers. */
export function nginxFolder(prefix: string): NginxFolder {
  const control = join(prefix, 'control');
  return {
    prefix,
    configuration: join(prefix, 'nginx.conf'),
    candidate: join(prefix, 'candidate.conf'),
    pid: join(prefix, 'nginx.pid'),
    errorLog: join(prefix, 'error.log'),
    output: join(prefix, 'output.log'),
    scripts: join(prefix, 'scripts'),
    endpoints: join(control, 'endpoints'),
    control,
    controlSocket: join(control, 'socket'),
    nobodySocket: join(prefix, 'nobody'),
    nobodyTlsSocket: join(prefix, 'nobody-tls'),
    certificates: join(prefix, 'certificates'),
    users: join(prefix, 'users'),
    temporary: join(prefix, 'temporary'),
  };
}

/** The files of a certificate and its key. */
export function certificateFiles(folder: NginxFolder, fingerprint: string): { certificate: string; key: string } {
  const file = join(folder.certificates, fingerprint);
  return { certificate: `${file}.crt`, key: `${file}.key` };
}

export function authorityFile(folder: NginxFolder, fingerprint: string): string {
  return join(folder.certificates, `${fingerprint}.ca`);
}

export function usersFile(folder: NginxFolder, fingerprint: string): string {
  return join(folder.users, fingerprint);
}
