import { globalAddress } from '../../apimachinery/global-address.ts';

/**
 * The address in its canonical form, if a request may be proxied to it: the server must not be led to itself or to its
 * node's own services. `undefined` for what is no global unicast address, as Kubernetes has it, and for names: what a name
 * resolves to is its owner's to say, and may change between the check and the connection.
 */
export const proxyableAddress: (text: string) => string | undefined = globalAddress;
