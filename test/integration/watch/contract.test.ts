import { describeWatchContract } from './contract.ts';

describeWatchContract('HTTP/1.1');
describeWatchContract('HTTP/2');
describeWatchContract('in process');
