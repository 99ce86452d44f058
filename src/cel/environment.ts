import { functionsOf, type Functions, type Library } from './check/function.ts';
import { typed, type Declaration } from './declaration.ts';
import { authorizerLibrary } from './library/authorizer.ts';
import { conversions } from './library/conversions.ts';
import { formatLibrary } from './library/formats.ts';
import { lists } from './library/lists.ts';
import { addresses, networks } from './library/network.ts';
import { operators } from './library/operators.ts';
import { optionals } from './library/optionals.ts';
import { patterns } from './library/patterns.ts';
import { quantities } from './library/quantities.ts';
import { semvers } from './library/semvers.ts';
import { sets } from './library/sets.ts';
import { strings } from './library/strings.ts';
import { text } from './library/text.ts';
import { times } from './library/times.ts';
import { standardTypes } from './library/types.ts';
import { urls } from './library/urls.ts';
import { Type } from './type.ts';
import { CelError, type Value } from './values/value.ts';

/** What an expression may use. Immutable. */
export interface Environment {
  readonly variables: ReadonlyMap<string, Declaration>;
  readonly functions: Functions;
  /** Types that have names: `int`, `Object.spec`. */
  readonly types: ReadonlyMap<string, Type>;
  /** Whether `cel.bind(name, value, expression)` gives names to values. */
  readonly hasBindings?: boolean;
  /** Makes an object of a type that has fields: `Object{spec: …}`. */
  newStruct(type: Type, fields: ReadonlyMap<string, Value>): Value;
}

/** The libraries that Kubernetes 1.36 has everywhere. */
const kubernetesLibraries: readonly Library[] = [
  operators,
  conversions,
  text,
  times,
  urls,
  patterns,
  lists,
  optionals,
  quantities,
  strings,
  sets,
  addresses,
  networks,
  formatLibrary,
  semvers,
  authorizerLibrary,
];
export const kubernetesFunctions = functionsOf(...kubernetesLibraries);

const noStructs: Environment['newStruct'] = ({ name }) => new CelError(`unknown type: ${name}`);

/** Kubernetes' environment with variables, each with what its schema says or with its type alone. */
export function kubernetesEnvironment(
  variables: Readonly<Record<string, Declaration | Type>>,
  rest: Partial<Pick<Environment, 'newStruct' | 'types' | 'functions' | 'hasBindings'>> = {},
): Environment {
  const declared = Object.entries(variables).map(([name, of]) => [name, of instanceof Type ? typed(of) : of] as const);
  return {
    variables: new Map(declared),
    functions: rest.functions ?? kubernetesFunctions,
    types: rest.types ?? standardTypes,
    hasBindings: rest.hasBindings ?? false,
    newStruct: rest.newStruct ?? noStructs,
  };
}
