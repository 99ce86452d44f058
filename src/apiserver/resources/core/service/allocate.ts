import { Services, type Service } from '../../../../api/core/v1/types.ts';
import { refused } from '../../../../apimachinery/status.ts';
import { invalid, type FieldError } from '../../../../apimachinery/validation.ts';
import type { ServerContext } from '../../../context.ts';
import type { Errors } from '../../checks.ts';
import { checkAddressFields } from './address-fields.ts';
import { addressProblem, drawAddress } from './ip-allocator.ts';
import { PortRange } from './port-range.ts';
import { needsClusterAddress, needsHealthCheckPort, needsNodePorts } from './shape.ts';

/**
 * Gives a Service the addresses and ports that it needs and does not have. Values are only picked here, so that the
 * rules can look at the whole object; `claim` (claim.ts) takes them just before the commit.
 *
 * Throws Invalid for values that the client asked for and cannot have.
 */
export function allocate(draft: Service, old: Readonly<Service> | undefined, context: ServerContext): void {
  if (draft.spec.type === 'ExternalName') return;
  const errors: Errors = [];
  checkAddressFields(errors, draft.spec);
  if (errors.length === 0) chooseFamilies(errors, draft);
  refuse(draft, errors);
  const picked = new Set<string | number>();
  pickedFor.set(draft, picked);
  const pick: Pick = { context, picked, errors };
  pickAddress(draft, old, pick);
  refuse(draft, errors);
  if (needsNodePorts(draft.spec)) pickNodePorts(draft, old, pick);
  if (needsHealthCheckPort(draft.spec)) pickHealthCheckPort(draft, old, pick);
  refuse(draft, errors);
}

interface Pick {
  readonly context: ServerContext;
  /** Values that were drawn, not asked for. */
  readonly picked: Set<string | number>;
  readonly errors: Errors;
}

/** What was drawn for a draft: if another write takes it meanwhile, another value does as well. */
const pickedFor = new WeakMap<Service, Set<string | number>>();

/** Whether a value was drawn by the server. */
export function wasPicked(draft: Service, value: string | number): boolean {
  return pickedFor.get(draft)?.has(value) ?? false;
}

/** Draws anew what was drawn for a draft. Throws as {@link allocate}. */
export function pickAgain(draft: Service, old: Readonly<Service> | undefined, context: ServerContext): void {
  forget(draft.spec, pickedFor.get(draft) ?? new Set());
  allocate(draft, old, context);
}

export function refuse({ metadata }: Service, errors: readonly FieldError[]): void {
  if (errors.length > 0) throw refused.invalid(Services, metadata.name, errors);
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

function pickAddress({ spec }: Service, old: Readonly<Service> | undefined, { context, picked, errors }: Pick): void {
  if (!needsClusterAddress(spec) || spec.clusterIP === 'None') return;
  if (!spec.clusterIP) {
    const address = drawAddress(context);
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
  if (old?.spec.clusterIPs?.includes(wanted)) return;
  const why = addressProblem(wanted, context);
  if (why !== undefined) errors.push(addressRefusal(spec, wanted, why));
}

export function addressRefusal({ clusterIPs }: Service['spec'], address: string, why: string): FieldError {
  return invalid('spec.clusterIPs', clusterIPs, `failed to allocate IP ${address}: ${why}`);
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

function portProblem(port: number, { context: { nodePorts } }: Pick): string | undefined {
  return nodePorts.problem(port) ?? (nodePorts.isFree(port) ? undefined : 'provided port is already allocated');
}

function drawPort(spec: Service['spec'], { context, picked }: Pick): number | undefined {
  const own = new Set((spec.ports ?? []).map(({ nodePort }) => nodePort));
  const port = new PortRange(context.config.nodePorts).draw(
    () => context.random.next(),
    (one) => context.nodePorts.isFree(one) && !own.has(one),
  );
  if (port !== undefined) picked.add(port);
  return port;
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
