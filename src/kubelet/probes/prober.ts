/** Asks processes in pods how they are, over the network of the node. */
export interface Prober {
  /** GETs `url`; success is a status from 200 to 399. `output` is what events say about a failure. */
  http(target: HttpTarget, timeoutMs: number): Promise<ProbeAnswer>;
  /** Opens and closes a connection. */
  tcp(target: TcpTarget, timeoutMs: number): Promise<ProbeAnswer>;
  /** Asks a gRPC server for the health of one of its services. */
  grpc(target: GrpcTarget, timeoutMs: number): Promise<ProbeAnswer>;
}

export interface HttpTarget {
  readonly containerId: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface TcpTarget {
  readonly containerId: string;
  readonly host: string;
  readonly port: number;
}

export interface GrpcTarget extends TcpTarget {
  /** Empty for the server as a whole. */
  readonly service: string;
}

export interface ProbeAnswer {
  readonly success: boolean;
  readonly output: string;
}
