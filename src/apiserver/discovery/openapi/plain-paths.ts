import type { GroupVersionKind } from './operations.ts';

/** A path that serves no objects, only what a GET of it says. */
export interface PlainPath {
  readonly path: string;
  readonly id: string;
  readonly description: string;
  /** The operation's group in documents. */
  readonly tag: string;
  /** The definition that is answered; absent for documents without one. */
  readonly answer?: string;
  readonly kind?: GroupVersionKind;
}

const meta = 'io.k8s.apimachinery.pkg.apis.meta.v1';

export const versionPath: PlainPath = {
  path: '/version/',
  id: 'getCodeVersion',
  description: 'get the version information for this server',
  tag: 'version',
  answer: 'io.k8s.apimachinery.pkg.version.Info',
};

export const openIdConfigurationPath: PlainPath = {
  path: '/.well-known/openid-configuration/',
  id: 'getServiceAccountIssuerOpenIDConfiguration',
  description: 'get service account issuer OpenID configuration, also known as the OIDC discovery document',
  tag: 'WellKnown',
};

export const openIdKeysPath: PlainPath = {
  path: '/openid/v1/jwks/',
  id: 'getServiceAccountIssuerOpenIDKeyset',
  description: 'get service account issuer OpenID JSON Web Key Set, which has the public keys for token verification',
  tag: 'openid',
};

export const coreVersionsPath: PlainPath = {
  path: '/api/',
  id: 'getCoreAPIVersions',
  description: 'get available API versions',
  tag: 'core',
  answer: `${meta}.APIVersions`,
};

export const groupsPath: PlainPath = {
  path: '/apis/',
  id: 'getAPIVersions',
  description: 'get available API versions',
  tag: 'apis',
  answer: `${meta}.APIGroupList`,
};

/** `/apis/<group>/`; `word` is the group in operation names. */
export function groupPath(group: string, word: string): PlainPath {
  return {
    path: `/apis/${group}/`,
    id: `get${word}APIGroup`,
    description: 'get information of a group',
    tag: group,
    answer: `${meta}.APIGroup`,
  };
}

/** `/api/v1/` and its like; `word` is the group and version in operation names. */
export function resourcesPath(base: string, word: string, tag: string): PlainPath {
  return {
    path: `${base}/`,
    id: `get${word}APIResources`,
    description: 'get available resources',
    tag,
    answer: `${meta}.APIResourceList`,
  };
}
