import type { RequestHeaders } from '../../http/headers.ts';

/** Who a request is from. */
export interface UserInfo {
  readonly name: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export const anonymous: UserInfo = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

/** What of a request tells who sends it. */
export interface Credentials {
  /** Bearer token without the word `Bearer`. */
  readonly token?: string;
  /** DER of the client certificate; the TLS layer has not checked it. */
  readonly certificate?: Uint8Array;
}

export interface Authenticator {
  /**
   * `undefined`: no opinion. Throws `refused.unauthorized()` for credentials that are wrong. `path` is the path that is asked
   * for, where it is known: who shows nothing may be welcome for some only. `headers` are those of the request, where there
   * are any: some clients may say in them for whom they ask.
   */
  authenticate(
    credentials: Credentials,
    path?: string,
    headers?: RequestHeaders,
  ): Promise<UserInfo | undefined> | UserInfo | undefined;
}

/** What a user wants to do. Either a resource or a path. */
export interface Attributes {
  readonly user: UserInfo;
  /**
   * `get list watch create update patch delete deletecollection`, `bind`, `escalate`, `impersonate`, …; for paths the
   * lower-case method.
   */
  readonly verb: string;
  readonly group?: string;
  readonly version?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly path?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
}

export type Decision =
  | { readonly allowed: true; readonly reason: string }
  /** `denied`: no other authorizer is asked. */
  | {
      readonly allowed: false;
      readonly denied: boolean;
      readonly reason: string;
      /** Why nobody could decide, if so. */
      readonly error?: string;
    };

export interface Authorizer {
  /** A promise only where somebody has to be asked over the network. */
  authorize(attributes: Attributes): Decision | Promise<Decision>;
}

/** Knows by itself what it decides. */
export interface ImmediateAuthorizer extends Authorizer {
  authorize(attributes: Attributes): Decision;
}
