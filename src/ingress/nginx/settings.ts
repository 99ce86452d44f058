import type { NginxFolder } from './folder.ts';

/** What the machine and the cluster's owner decide. */
export interface NginxSettings {
  readonly folder: NginxFolder;
  /** Names the scripts' content: with others nginx has to read its configuration again. */
  readonly scripts: string;
  /** Folder of nginx' modules. */
  readonly modules: string;
  /** The user of its workers; absent where nginx does not run as root. */
  readonly workerUser?: string;
  readonly workers: number;
  /** Address that it listens on; usually all of the node. */
  readonly address: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** Fingerprint of the certificate for hosts that have none. */
  readonly defaultCertificate: string;
}
