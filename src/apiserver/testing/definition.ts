import type { KubeObject } from '../../apimachinery/object.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { wholeOf } from '../../base/in-steps.ts';
import type { ResourceDefinition } from '../rest/resource.ts';
import type { StatusWriter } from '../rest/strategy.ts';
import { anonymous } from '../auth/auth.ts';
import { testContext } from './context.ts';

/** The texts of what is wrong with an object, after the kind's defaults; with `old` as an update of that. */
export function complaintsAbout<T extends KubeObject>(
  definition: ResourceDefinition<T>,
  object: object,
  old?: object,
): string[] {
  const { context } = testContext();
  const before = old === undefined ? undefined : completed(definition, old);
  const draft = completed(definition, object);
  const { strategy } = definition;
  if (before === undefined) strategy.prepareForCreate?.(draft, context, anonymous);
  else strategy.prepareForUpdate?.(draft, before, context);
  const errors = strategy.validate?.(draft, before, context) ?? [];
  const ruled = strategy.validateRules === undefined ? [] : wholeOf(strategy.validateRules(draft, before, errors));
  return [...errors, ...ruled].map(fieldErrorText);
}

/** Somebody who may write all of a status. */
export function writer(more: Partial<StatusWriter> = {}): StatusWriter {
  const { context } = testContext();
  const authorizer = { authorize: () => ({ allowed: true, reason: '' }) as const };
  return { context, user: anonymous, authorizer, verb: 'update', ...more };
}

/** A private copy with metadata and the kind's defaults. */
export function completed<T extends KubeObject>(definition: ResourceDefinition<T>, object: object): T {
  const namespace = definition.type.namespaced ? { namespace: 'default' } : {};
  const draft = structuredClone({ metadata: { name: 'it', ...namespace }, ...object }) as unknown as T;
  definition.strategy.defaults?.(draft);
  return draft;
}
