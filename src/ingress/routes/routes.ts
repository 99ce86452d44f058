import type { ObjectKey } from '../../apimachinery/object.ts';
import type { Filter, Template } from './filters.ts';
import type { Traffic } from './traffic.ts';

/** What nginx shall do with requests: the outcome of all Ingresses and what they name. A value. */
export interface Routes {
  /** The default server first, then by host. */
  readonly servers: readonly Server[];
  /** By name, such as `production/api-service:80`. */
  readonly backends: ReadonlyMap<string, Backend>;
  /** How backends are chosen where there is a choice, by a name that stays while only this changes. */
  readonly traffic: ReadonlyMap<string, Traffic>;
  /** By fingerprint. */
  readonly certificates: ReadonlyMap<string, KeyPair>;
  /** Certificates of authorities (PEM) and users with their passwords' hashes (htpasswd), by fingerprint. */
  readonly authorities: ReadonlyMap<string, string>;
  readonly users: ReadonlyMap<string, string>;
  /** What is wrong with which Ingress (`namespace/name`). */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/** Listens for requests to one host. */
export interface Server {
  /** A DNS name, one whose first label is `*`, or empty: all that no other server names. */
  readonly host: string;
  /** Other names of it; none is the name of another server. */
  readonly aliases?: readonly string[];
  /** Absent: the controller's own certificate. */
  readonly certificate?: { readonly fingerprint: string; readonly ingress: ObjectKey };
  /** Everything is sent to this host instead. */
  readonly redirectTo?: { readonly host: string; readonly ingress: ObjectKey };
  /** Where requests for `/` are sent. */
  readonly appRoot?: { readonly path: string; readonly ingress: ObjectKey };
  /** What is tried first comes first. Requests that none takes get 404. */
  readonly locations: readonly Location[];
}

/** A match of requests, what is done with them, and which backends answer them. */
export interface Location {
  /** `exact`: this path alone. `prefix`: the path and all below it. `pattern`: what begins as the expression says. */
  readonly match: 'exact' | 'prefix' | 'pattern';
  /** As the Ingress has it. */
  readonly path: string;
  /** For `pattern`: a regular expression, matched from the path's beginning in upper or lower case. */
  readonly pattern?: string;
  readonly ingress: ObjectKey;
  readonly filters: readonly Filter[];
  /** Absent: it names nothing that can answer, which is 503. */
  readonly backend?: string;
  /** A name among the {@link Routes.traffic}, where there is more to choose than an endpoint in turn. */
  readonly traffic?: string;
  /** Requests for which this is the same go to the same endpoint. */
  readonly hashKey?: Template;
  readonly redirectToHttps: boolean;
  readonly settings: Settings;
}

/** What annotations change of how nginx speaks with clients and backends. */
export interface Settings {
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  /** Paths are regular expressions. */
  readonly useRegex: boolean;
  /** What the path becomes; `$1` to `$9` are what the groups of the path's expression matched. */
  readonly rewriteTarget?: string;
  readonly backendProtocol: BackendProtocol;
  /** In nginx's notation; `0` is no limit. */
  readonly bodySize: string;
  /** Seconds. */
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly sendTimeout: number;
  readonly buffering: boolean;
  /** Directives of nginx' proxy that have one word each, such as `proxy_http_version`; all were read by an allow-list. */
  readonly directives: Readonly<Record<string, string>>;
  /** Headers for the backend in place of the usual ones. */
  readonly requestHeaders: Readonly<Record<string, Template>>;
  /** How a backend over TLS proves who it is, and nginx to it. */
  readonly backendTls?: BackendTls;
}

export type BackendProtocol = 'http' | 'https' | 'grpc' | 'grpcs';

export interface BackendTls {
  readonly verifies: boolean;
  readonly verifyDepth: number;
  readonly name?: string;
  readonly sendsName: boolean;
  readonly protocols?: string;
  readonly ciphers?: string;
  /** Fingerprints of nginx' own certificate for it, and of the authorities. */
  readonly certificate?: string;
  readonly authority?: string;
}

/** A port of a Service that requests go to. */
export interface Backend {
  readonly service: ObjectKey;
  /** As the Ingress names it. */
  readonly port: { readonly name: string } | { readonly number: number };
}

/** PEM texts, checked. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Shown to the user as a warning. */
export interface Problem {
  readonly reason: string;
  readonly message: string;
}
