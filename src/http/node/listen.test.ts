import { createTestCertificates } from '../../../test/kit/certificates.ts';
import { describeExchangeContract } from '../contract.ts';
import { listenWithNode } from './listen.ts';

const { authority, server, client } = await createTestCertificates();

describeExchangeContract(
  "Node's server",
  (handler) => listenWithNode({ host: '127.0.0.1', port: 0, ...server, clientAuthority: authority }, handler),
  () => ({ ca: authority, cert: client.certificate, key: client.key }),
);
