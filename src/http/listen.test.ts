import { createTestCertificates } from '../../test/kit/certificates.ts';
import { systemClock } from '../base/system-clock.ts';
import { describeExchangeContract } from './contract.ts';
import { listenForHttp } from './listen.ts';

const { authority, server, client } = await createTestCertificates();

describeExchangeContract(
  'the server',
  (handler) =>
    listenForHttp({ host: '127.0.0.1', port: 0, ...server, clientAuthority: authority, clock: systemClock }, handler),
  () => ({ ca: authority, cert: client.certificate, key: client.key }),
);
