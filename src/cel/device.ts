import type { Quantity } from '../apimachinery/quantity.ts';
import { estimateCost } from './cost/estimate.ts';
import { mapOf, objectOf, typed, type Declaration } from './declaration.ts';
import { kubernetesEnvironment, type Environment } from './environment.ts';
import { parseSemver } from './library/semvers.ts';
import { quantityType, QuantityValue } from './library/quantities.ts';
import { compile, prepare, type Program } from './program.ts';
import { anyType, boolType, stringType, type Type } from './type.ts';
import { typeOf } from './values/type-of.ts';
import { CelError, CelMap, OpenMap, type Value } from './values/value.ts';

/** Limits of resource.k8s.io/v1. */
const longestDomain = 63;
const longestName = 32;
const mostEntries = 32;
const longestText = 64;

/** The cost beyond which an expression about devices is refused, and its evaluation ended. */
export const deviceCostLimit = 1_000_000;

const text = (maxElements: number): Declaration => ({ ...typed(stringType), maxElements });

/** Values by domain and name. Of the sizes only those count that Kubernetes gives. */
function byDomain(value: Declaration): Declaration {
  const names: Declaration = { ...mapOf(value, mostEntries), key: text(longestName) };
  return { ...mapOf(names, mostEntries), key: text(longestDomain) };
}

const device = objectOf(
  'kubernetes.DRADevice',
  new Map([
    ['driver', text(longestDomain)],
    ['allowMultipleAllocations', { ...typed(boolType), maxElements: 1 }],
    ['attributes', byDomain({ ...typed(anyType), maxElements: longestText })],
    ['capacity', byDomain({ ...typed(quantityType), maxElements: 0 })],
  ]),
  { minSize: 2, isPlain: true },
);
const environment: Environment = kubernetesEnvironment({ device }, { hasBindings: true });

/** A value of an attribute as resource.k8s.io/v1 has it: one member is set. */
export interface Attribute {
  readonly bool?: boolean;
  readonly int?: number;
  readonly string?: string;
  readonly version?: string;
}

/** What an expression sees of a device. Names without a domain are in that of the driver. */
export interface DeviceView {
  readonly driver: string;
  readonly allowMultipleAllocations: boolean;
  readonly attributes: Readonly<Record<string, Attribute>>;
  readonly capacity: Readonly<Record<string, Quantity>>;
}

/** A device as a value; made once for all expressions about it. */
export type DeviceValue = { readonly device: Readonly<Record<string, unknown>> };

/** An expression by which devices are chosen. `mostCost` is the estimate, in Kubernetes' units. */
export interface DeviceExpression {
  readonly program: Program;
  readonly mostCost: number;
}

export interface Unusable {
  readonly problem: string;
  /** Whether Kubernetes counts it as a fault of its own. */
  readonly isInternal?: boolean;
}

/** Reads an expression about a device, or says what is wrong with it in Kubernetes' words. */
export function compileDeviceExpression(expression: string): DeviceExpression | Unusable {
  const compiled = compile(expression, environment);
  if (compiled.issues !== undefined) return { problem: `compilation failed: ${compiled.issues}` };
  const { type } = compiled;
  if (type.kind !== 'bool' && type.kind !== 'any')
    return { problem: `must evaluate to bool or the unknown type, not ${namesOf(type)}` };
  const program = prepare(compiled);
  if ('problem' in program) return { problem: `program instantiation failed: ${program.problem}`, isInternal: true };
  return { program, mostCost: estimateCost(compiled).max };
}

/** A type by the full names of what it is made of. */
function namesOf({ name, parameters }: Type): string {
  return parameters.length === 0 ? name : `${name}(${parameters.map(namesOf).join(', ')})`;
}

/** What expressions see, or why that cannot be made of the device. */
export function deviceValue(view: DeviceView): DeviceValue | { readonly problem: string } {
  const attributes: [string, Value][] = [];
  for (const [name, attribute] of Object.entries(view.attributes)) {
    const value = attributeValue(attribute);
    if (value instanceof CelError) return { problem: `attribute ${name}: ${value.message}` };
    attributes.push([name, value]);
  }
  const capacity = Object.entries(view.capacity).map(([name, quantity]): [string, Value] => [
    name,
    new QuantityValue(quantity),
  ]);
  const { driver, allowMultipleAllocations } = view;
  return {
    device: {
      driver,
      allowMultipleAllocations,
      attributes: grouped(attributes, driver),
      capacity: grouped(capacity, driver),
    },
  };
}

function attributeValue({ int, bool, string, version }: Attribute): Value {
  if (int !== undefined) return int;
  if (bool !== undefined) return bool;
  if (string !== undefined) return string;
  if (version === undefined) return new CelError('unsupported attribute value');
  const value = parseSemver(version);
  return value instanceof CelError ? new CelError(`parse semantic version: ${value.message}`) : value;
}

const nothing = new CelMap(new Map());

/** A domain of which nothing is known leads to an empty map, so that its names can be looked for. */
function grouped(values: readonly (readonly [string, Value])[], driver: string): OpenMap {
  const domains = new Map<string, Map<string, { key: string; value: Value }>>();
  for (const [name, value] of values) {
    const slash = name.indexOf('/');
    const domain = slash < 0 ? driver : name.slice(0, slash);
    const names = domains.get(domain) ?? new Map<string, { key: string; value: Value }>();
    domains.set(domain, names);
    const key = name.slice(slash + 1);
    names.set(key, { key, value });
  }
  return new OpenMap(new Map([...domains].map(([key, names]) => [key, { key, value: new CelMap(names) }])), nothing);
}

/** Whether the device is one that the expression chooses, or why that cannot be said; and what it cost to say. */
export function deviceMatches(
  { program }: DeviceExpression,
  value: DeviceValue,
): { readonly cost: number } & ({ readonly matches: boolean } | { readonly problem: string }) {
  const { value: result, spent: cost } = program.run(value, { costLimit: deviceCostLimit });
  if (result instanceof CelError) return { problem: result.message, cost };
  if (typeof result === 'boolean') return { matches: result, cost };
  return { problem: `CEL result of type ${typeOf(result).name} could not be converted to bool`, cost };
}
