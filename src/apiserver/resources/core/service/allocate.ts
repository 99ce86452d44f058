import { Services, type Service } from '../../../../api/core/v1/types.ts';
import { refused } from '../../../../apimachinery/status.ts';
import { invalid, type FieldError } from '../../../../apimachinery/validation.ts';
import type { ServerContext } from '../../../context.ts';
import type { Errors } from '../../checks.ts';
import { addressClaims, type AddressClaims } from './address-claims.ts';
import { checkAddressFields } from './address-fields.ts';
import { needsClusterAddress, needsHealthCheckPort, needsNodePorts } from './shape.ts';

/**
 * Gives a Service the addresses and ports that it needs and does not have. Values are only picked here, so that the
 * rules can look at the whole object; `claimAllocated` takes them just before the commit.
 *
 * Throws Invalid for values that the client asked for and cannot have.
 */
export function allocate(draft: Service, old: Readonly<Service> | undefined, context: ServerContext): void {
  if (draft.spec.type === 'ExternalName') return;
  const errors: Errors = [];
  checkAddressFields(errors, draft.spec);
  if (errors.length === 0) chooseFamilies(errors, draft);
  refuse(draft, errors);
  const claims = addressClaims(context);
  const picked = new Set<string | number>();
  pickedFor.set(draft, picked);
  const pick: Pick = { claims, random: () => context.random.next(), owner: ownerOf(draft), picked, errors };
  pickAddress(draft, pick);
  refuse(draft, errors);
  if (needsNodePorts(draft.spec)) pickNodePorts(draft, old, pick);
  if (needsHealthCheckPort(draft.spec)) pickHealthCheckPort(draft, old, pick);
  refuse(draft, errors);
}

interface Pick {
  readonly claims: AddressClaims;
  readonly random: () => number;
  readonly owner: string;
  /** Values that were drawn, not asked for. */
  readonly picked: Set<string | number>;
  readonly errors: Errors;
}

/** What was drawn for a draft: if another write takes it meanwhile, another value does as well. */
const pickedFor = new WeakMap<Service, Set<string | number>>();

function refuse({ metadata }: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw refused.invalid(Services, metadata.name, errors);
}

function ownerOf({ metadata }: Readonly<Service>): string {
  return metadata.uid ?? '';
}

/** One address family; only Services without address and selector may promise the other one too. */
function chooseFamilies(errors: Errors, { spec }: Service): void {
  if (spec.clusterIP === 'None' && Object.keys(spec.selector ?? {}).length === 0) {
    spec.ipFamilies = spec.ipFamilies?.length ? spec.ipFamilies : ['IPv4'];
    if (spec.ipFamilies.length < 2 && spec.ipFamilyPolicy !== 'SingleStack')
      spec.ipFamilies.push(spec.ipFamilies[0] === 'IPv4' ? 'IPv6' : 'IPv4');
    spec.ipFamilyPolicy ??= spec.ipFamilies.length > 1 ? 'RequireDualStack' : 'SingleStack';
    return;
  }
  spec.ipFamilies?.forEach((family, i) => {
    if (family !== 'IPv4') errors.push(invalid(`spec.ipFamilies[${i}]`, family, 'not configured on this cluster'));
  });
  const asksForTwo = (spec.ipFamilies?.length ?? 0) > 1 || (spec.clusterIPs?.length ?? 0) > 1;
  if (spec.ipFamilyPolicy === 'RequireDualStack' || (spec.ipFamilyPolicy === undefined && asksForTwo))
    errors.push(
      invalid(
        'spec.ipFamilyPolicy',
        spec.ipFamilyPolicy ?? 'RequireDualStack',
        'this cluster is not configured for dual-stack services',
      ),
    );
  spec.ipFamilyPolicy ??= 'SingleStack';
  if (!spec.ipFamilies?.length) spec.ipFamilies = ['IPv4'];
}

function pickAddress({ spec }: Service, { claims, random, owner, picked, errors }: Pick): void {
  if (!needsClusterAddress(spec) || spec.clusterIP === 'None') return;
  if (!spec.clusterIP) {
    const address = claims.addresses.draw(random, (one) => claims.isFree(one));
    if (address === undefined) {
      errors.push(invalid('spec.clusterIPs', [], 'failed to allocate a serviceIP: range is full'));
      return;
    }
    spec.clusterIP = address;
    spec.clusterIPs = [address];
    picked.add(address);
    return;
  }
  const wanted = spec.clusterIP;
  const problem = claims.isTaken(wanted, owner) ? 'provided IP is already allocated' : undefined;
  const outside = claims.isFree(wanted) ? claims.addresses.problem(wanted) : undefined;
  const why = outside ?? problem;
  if (why !== undefined)
    errors.push(invalid('spec.clusterIPs', spec.clusterIPs, `failed to allocate IP ${wanted}: ${why}`));
}

/** Ports of the same number for several protocols share one node port. */
function pickNodePorts({ spec }: Service, old: Readonly<Service> | undefined, pick: Pick): void {
  const oldPorts = new Set((old?.spec.ports ?? []).map(({ nodePort }) => nodePort ?? 0));
  const byPort = new Map<number, number>();
  const ports = spec.ports ?? [];
  ports.forEach((port, i) => {
    if (!port.nodePort) return;
    byPort.set(port.port, port.nodePort);
    if (oldPorts.has(port.nodePort)) return;
    const problem = portProblem(port.nodePort, pick);
    if (problem !== undefined && pick.errors.length === 0)
      pick.errors.push(invalid(`spec.ports[${i}].nodePort`, port.nodePort, problem));
  });
  if (pick.errors.length > 0) return;
  ports.forEach((port, i) => {
    if (port.nodePort) return;
    const shared = byPort.get(port.port);
    const isShared =
      shared !== undefined && !ports.some((one) => one.nodePort === shared && one.protocol === port.protocol);
    const drawn = isShared ? shared : drawPort(spec, pick);
    if (drawn === undefined) {
      pick.errors.push(invalid(`spec.ports[${i}].nodePort`, 0, 'failed to allocate a nodePort: range is full'));
      return;
    }
    port.nodePort = drawn;
    byPort.set(port.port, drawn);
  });
}

function pickHealthCheckPort({ spec }: Service, old: Readonly<Service> | undefined, pick: Pick): void {
  const wanted = spec.healthCheckNodePort;
  if (!wanted) {
    const drawn = drawPort(spec, pick);
    if (drawn !== undefined) spec.healthCheckNodePort = drawn;
    return;
  }
  if (wanted === old?.spec.healthCheckNodePort) return;
  const problem = portProblem(wanted, pick);
  if (problem !== undefined)
    throw refused.internal(`failed to allocate requested HealthCheck NodePort ${wanted}: ${problem}`);
}

function portProblem(port: number, { claims, owner }: Pick): string | undefined {
  return claims.isTaken(port, owner) ? 'provided port is already allocated' : claims.ports.problem(port);
}

function drawPort(spec: Service['spec'], { claims, random, picked }: Pick): number | undefined {
  const own = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
  const port = claims.ports.draw(random, (one) => claims.isFree(one) && !own.has(one));
  if (port !== undefined) picked.add(port);
  return port;
}

/** Takes what `allocate` picked. Throws Invalid when another write was faster with a value that the client asked for. */
export function claimAllocated(
  service: Service,
  old: Readonly<Service> | undefined,
  context: ServerContext,
): () => void {
  const claims = addressClaims(context);
  const owner = ownerOf(service);
  const picked = pickedFor.get(service) ?? new Set();
  if ([...picked].some((value) => claims.isTaken(value, owner))) {
    forget(service.spec, picked);
    allocate(service, old, context);
  }
  const { spec } = service;
  const errors: Errors = [];
  const addresses = (spec.clusterIPs ?? []).filter((address) => address !== 'None');
  for (const address of addresses)
    if (claims.isTaken(address, owner))
      errors.push(
        invalid(
          'spec.clusterIPs',
          spec.clusterIPs,
          `failed to allocate IP ${address}: provided IP is already allocated`,
        ),
      );
  const ports: number[] = [];
  spec.ports?.forEach(({ nodePort }, i) => {
    if (!nodePort) return;
    ports.push(nodePort);
    if (claims.isTaken(nodePort, owner))
      errors.push(invalid(`spec.ports[${i}].nodePort`, nodePort, 'provided port is already allocated'));
  });
  if (spec.healthCheckNodePort) ports.push(spec.healthCheckNodePort);
  refuse(service, errors);
  return claims.reserve([...addresses, ...ports], owner);
}

function forget(spec: Service['spec'], picked: ReadonlySet<string | number>): void {
  if (spec.clusterIP !== undefined && picked.has(spec.clusterIP)) {
    delete spec.clusterIP;
    delete spec.clusterIPs;
  }
  for (const port of spec.ports ?? [])
    if (port.nodePort !== undefined && picked.has(port.nodePort)) delete port.nodePort;
  if (spec.healthCheckNodePort !== undefined && picked.has(spec.healthCheckNodePort)) delete spec.healthCheckNodePort;
}
