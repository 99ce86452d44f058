import type { ObjectKey } from '../../apimachinery/object.ts';

/** What nginx shall do with requests: the outcome of all Ingresses and what they name. A value. */
export interface Routes {
  /** The default server first, then by host. */
  readonly servers: readonly Server[];
  /** By name, such as `production/api-service:80`. */
  readonly backends: ReadonlyMap<string, Backend>;
  /** By fingerprint. */
  readonly certificates: ReadonlyMap<string, KeyPair>;
  /** What is wrong with which Ingress (`namespace/name`). */
  readonly problems: ReadonlyMap<string, readonly Problem[]>;
}

/** Requests to one host. */
export interface Server {
  /** A DNS name, one whose first label is `*`, or empty: all that no other server names. */
  readonly host: string;
  /** Absent: the controller's own certificate. */
  readonly certificate?: { readonly fingerprint: string; readonly ingress: ObjectKey };
  /** What is tried first comes first. Requests that none takes get 404. */
  readonly locations: readonly Location[];
}

export interface Location {
  /** `exact`: this path alone. `prefix`: the path and all below it. `pattern`: what begins as the expression says. */
  readonly match: 'exact' | 'prefix' | 'pattern';
  /** As the Ingress has it. */
  readonly path: string;
  /** For `pattern`: a regular expression, matched from the path's beginning in upper or lower case. */
  readonly pattern?: string;
  readonly ingress: ObjectKey;
  /** Absent: it names nothing that can answer, which is 503. */
  readonly backend?: string;
  readonly redirectToHttps: boolean;
  readonly settings: Settings;
}

/** What annotations change. */
export interface Settings {
  readonly sslRedirect: boolean;
  readonly forceSslRedirect: boolean;
  /** Requests of one client address. */
  readonly limits: readonly RateLimit[];
  /** Paths are regular expressions. */
  readonly useRegex: boolean;
  /** What the path becomes; `$1` to `$9` are what the groups of the path's expression matched. */
  readonly rewriteTarget?: string;
  readonly backendProtocol: 'http' | 'https';
  /** In nginx's notation; `0` is no limit. */
  readonly bodySize: string;
  /** Seconds. */
  readonly connectTimeout: number;
  readonly readTimeout: number;
  readonly sendTimeout: number;
  readonly buffering: boolean;
}

export interface RateLimit {
  readonly requests: number;
  readonly per: 'second' | 'minute';
  /** How many may come at once beyond that. */
  readonly burst: number;
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
