import {
  EndpointsResource,
  type EndpointAddress,
  type Endpoints,
  type EndpointSubset,
} from '../../../api/core/v1/types.ts';
import { validateOldIp } from '../../../apimachinery/ip.ts';
import { required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonSpecialAddress } from '../addresses.ts';
import {
  checkDnsLabel,
  checkDnsSubdomain,
  checkPortNumber,
  checkProtocol,
  checkQualifiedName,
  type Errors,
} from '../checks.ts';

/** Where a Service leads; EndpointSlices have taken their place. */
export const endpoints: ResourceDefinition<Endpoints> = {
  type: EndpointsResource,
  deprecation: 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice',

  strategy: {
    allowCreateOnUpdate: true,
    hasGeneration: false,

    defaults(draft) {
      for (const { ports } of draft.subsets ?? []) for (const port of ports ?? []) port.protocol ||= 'TCP';
    },

    validate(object) {
      const errors: Errors = [];
      object.subsets?.forEach((subset, i) => checkSubset(errors, subset, `subsets[${i}]`));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, endpointsCell(object.subsets ?? []), ageOf(object, now)],
  },
};

function checkSubset(errors: Errors, { addresses, notReadyAddresses, ports = [] }: EndpointSubset, path: string): void {
  if (!addresses?.length && !notReadyAddresses?.length)
    errors.push(required(path, 'must specify `addresses` or `notReadyAddresses`'));
  addresses?.forEach((one, i) => checkAddress(errors, one, `${path}.addresses[${i}]`));
  notReadyAddresses?.forEach((one, i) => checkAddress(errors, one, `${path}.notReadyAddresses[${i}]`));
  ports.forEach(({ name, port, protocol, appProtocol }, i) => {
    const field = `${path}.ports[${i}]`;
    if (name) checkDnsLabel(errors, `${field}.name`, name);
    else if (ports.length > 1) errors.push(required(`${field}.name`));
    checkPortNumber(errors, `${field}.port`, port ?? 0);
    checkProtocol(errors, `${field}.protocol`, protocol);
    if (appProtocol !== undefined) checkQualifiedName(errors, `${field}.appProtocol`, appProtocol);
  });
}

function checkAddress(errors: Errors, { ip = '', hostname, nodeName }: EndpointAddress, path: string): void {
  errors.push(...validateOldIp(`${path}.ip`, ip, true));
  if (hostname) checkDnsLabel(errors, `${path}.hostname`, hostname);
  if (nodeName !== undefined) checkDnsSubdomain(errors, `${path}.nodeName`, nodeName);
  checkNonSpecialAddress(errors, `${path}.ip`, ip);
}

const mostShown = 3;

/** The first few `address:port`, port by port, and how many more there are. */
function endpointsCell(subsets: readonly EndpointSubset[]): string {
  if (subsets.length === 0) return '<none>';
  const shown: string[] = [];
  let count = 0;
  const add = (text: string) => {
    if (count++ < mostShown) shown.push(text);
  };
  for (const { addresses = [], ports = [] } of subsets) {
    if (ports.length === 0) for (const { ip } of addresses) add(ip);
    for (const { port } of ports)
      for (const { ip } of addresses) add(ip.includes(':') ? `[${ip}]:${port}` : `${ip}:${port}`);
  }
  const text = shown.join(',');
  return count > mostShown ? `${text} + ${count - mostShown} more...` : text || '<none>';
}
