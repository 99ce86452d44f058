/** Signs certificates. Requests and certificates are PEM; times are in milliseconds since the Unix epoch. */
export interface CertificateAuthority {
  /** Throws when it is no request. */
  read(request: string): RequestedIdentity;
  sign(
    request: string,
    order: { readonly usages: readonly string[]; readonly from: number; readonly until: number },
  ): Promise<string>;
  expiry(certificate: string): number;
}

/** What a request wants its certificate to say. */
export interface RequestedIdentity {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames: readonly string[];
  readonly addresses: readonly string[];
  readonly emailAddresses: readonly string[];
  readonly uris: readonly string[];
}
