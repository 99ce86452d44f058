/** Where a server listens, and as whom. */
export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** PEM of the server's certificate and key, and of the authorities that clients are told of. */
  readonly certificate: string;
  readonly key: string;
  readonly clientAuthority: string;
}
