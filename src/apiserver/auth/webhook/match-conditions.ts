import { tooMany, type FieldError } from '../../../apimachinery/validation.ts';
import { objectOf, typed, type Declaration } from '../../../cel/declaration.ts';
import { kubernetesEnvironment } from '../../../cel/environment.ts';
import { boolType, listType, mapType, stringType } from '../../../cel/type.ts';
import {
  configuredExpression,
  isNewExpression,
  type ConfiguredExpression,
} from '../../configuration/cel-expressions.ts';

const mostConditions = 64;

const text = typed(stringType);
const texts: Declaration = { ...typed(listType(stringType)), element: text };

function object(name: string, fields: Readonly<Record<string, Declaration>>): Declaration {
  return objectOf(`kubernetes.${name}`, new Map(Object.entries(fields)), { minSize: 2, isPlain: true });
}

function listed(element: Declaration): Declaration {
  return { ...typed(listType(element.type)), element };
}

const requirement = object('SelectorRequirement', { key: text, operator: text, values: texts });

const selector = (name: string): Declaration =>
  object(`${name}Attributes`, { rawSelector: text, requirements: listed(requirement) });

/** What is asked (authorization.k8s.io/v1, SubjectAccessReviewSpec). */
const request = object('SubjectAccessReviewSpec', {
  resourceAttributes: object('ResourceAttributes', {
    namespace: text,
    verb: text,
    group: text,
    version: text,
    resource: text,
    subresource: text,
    name: text,
    fieldSelector: selector('FieldSelector'),
    labelSelector: selector('LabelSelector'),
  }),
  nonResourceAttributes: object('NonResourceAttributes', { path: text, verb: text }),
  user: text,
  groups: texts,
  extra: { ...typed(mapType(stringType, listType(stringType))), element: texts },
  uid: text,
});
const environment = kubernetesEnvironment({ request });

/** The conditions under which a webhook is asked whether something may be done; what is wrong with them goes to the errors. */
export function matchConditions(
  conditions: readonly { readonly expression: string }[],
  at: string,
  errors: FieldError[],
): ConfiguredExpression[] {
  if (conditions.length > mostConditions) {
    errors.push(tooMany(at, conditions.length, mostConditions));
    return [];
  }
  const seen = new Set<string>();
  return conditions.flatMap(({ expression = '' }, i) => {
    const field = `${at}[${i}].expression`;
    if (!isNewExpression(expression, seen, field, errors)) return [];
    const found = configuredExpression(expression, environment, { field, type: boolType, errors, saysFound: true });
    return found === undefined ? [] : [found];
  });
}
