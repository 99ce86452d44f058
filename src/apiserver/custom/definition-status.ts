import type { CustomResourceDefinition, CustomResourceDefinitionNames } from '../../api/apiextensions/v1/types.ts';
import { semanticEqual } from '../../apimachinery/equality.ts';
import { goQuote } from '../../apimachinery/go-text.ts';
import { fieldErrorText } from '../../apimachinery/validation.ts';
import { approvalCondition } from '../resources/apiextensions/approval.ts';
import { conditionOf, isTrue, withCondition, type NewCondition } from '../resources/apiextensions/conditions.ts';
import { isBundle } from '../resources/apiextensions/conversion.ts';
import { conversionProblem } from '../schema/conversion-problem.ts';
import { structuralErrors } from '../schema/structural.ts';

type Definition = Readonly<CustomResourceDefinition>;
type Names = Readonly<CustomResourceDefinitionNames>;

/**
 * The definition with the status that it should have among `others` of its group: the names that it gets, and whether it
 * is established. `isTaken`: the place is that of a kind of Kubernetes. The very definition where that is so already. `now` is wall time in milliseconds.
 */
export function withStatus(
  definition: Definition,
  others: readonly Definition[],
  now: number,
  isTaken = false,
): Definition {
  const accepted: Names = definition.status?.acceptedNames ?? { plural: '', kind: '' };
  const settled = semanticEqual(definition.spec.names, accepted);
  const naming = settled ? undefined : acceptNames(definition.spec.names, accepted, others, isTaken);
  const names = naming?.names ?? accepted;
  let conditions = definition.status?.conditions ?? [];
  const set = (condition: NewCondition | undefined) => {
    if (condition === undefined) return;
    const known = conditions.find(({ type }) => type === condition.type);
    const { status, reason, message } = condition;
    if (known?.status === status && known.reason === reason && known.message === message) return;
    conditions = withCondition(conditions, condition, now);
  };
  set(approvalCondition(definition));
  set(naming?.condition);
  set(establishedCondition(definition, naming?.condition));
  const odd = structureCondition(definition);
  if (odd !== undefined) set(odd);
  else if (conditionOf(definition, 'NonStructuralSchema') !== undefined)
    conditions = conditions.filter(({ type }) => type !== 'NonStructuralSchema');
  if (conditions === definition.status?.conditions || (conditions.length === 0 && settled)) {
    if (semanticEqual(names, accepted)) return definition;
  }
  return { ...definition, status: { ...definition.status, conditions: [...conditions], acceptedNames: { ...names } } };
}

interface Naming {
  readonly names: Names;
  readonly condition: NewCondition;
}

/** Names that others of the group have are not given again; all others are. */
function acceptNames(wanted: Names, accepted: Names, others: readonly Definition[], isTaken: boolean): Naming {
  const taken = others.flatMap(({ status }) => status?.acceptedNames ?? []);
  const resources = new Set(
    taken.flatMap(({ plural, singular = '', shortNames = [] }) => [plural, singular, ...shortNames]),
  );
  const kinds = new Set(taken.flatMap(({ kind, listKind = '' }) => [kind, listKind]));
  const names: CustomResourceDefinitionNames = { ...accepted };
  let conflict: Pick<NewCondition, 'reason' | 'message'> | undefined;
  const inUse = (name: string) => `${goQuote(name)} is already in use`;
  const claim = (part: 'plural' | 'singular' | 'kind' | 'listKind', used: ReadonlySet<string>, reason: string) => {
    const name = wanted[part] ?? '';
    if (name !== (accepted[part] ?? '') && used.has(name)) conflict = { reason, message: inUse(name) };
    else if (wanted[part] !== undefined) names[part] = name;
  };
  claim('plural', resources, 'PluralConflict');
  claim('singular', resources, 'SingularConflict');
  const known = new Set(accepted.shortNames);
  const conflicts = (wanted.shortNames ?? []).filter((name) => !known.has(name) && resources.has(name));
  if (conflicts.length > 0) {
    const texts = [...new Set(conflicts.map(inUse))];
    conflict = { reason: 'ShortNamesConflict', message: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
  } else if (wanted.shortNames === undefined) delete names.shortNames;
  else names.shortNames = [...wanted.shortNames];
  claim('kind', kinds, 'KindConflict');
  claim('listKind', kinds, 'ListKindConflict');
  if (wanted.categories === undefined) delete names.categories;
  else names.categories = [...wanted.categories];
  if (isTaken) conflict = { reason: 'PluralConflict', message: inUse(wanted.plural) };
  const type = 'NamesAccepted';
  if (conflict !== undefined) return { names, condition: { type, status: 'False', ...conflict } };
  return { names, condition: { type, status: 'True', reason: 'NoConflicts', message: 'no conflicts found' } };
}

/** What has been established stays so, whatever becomes of its names. */
function establishedCondition(definition: Definition, naming: NewCondition | undefined): NewCondition | undefined {
  const type = 'Established';
  if (isTrue(definition, type)) return undefined;
  const isAccepted = naming === undefined ? isTrue(definition, 'NamesAccepted') : naming.status === 'True';
  if (!isAccepted) {
    if (conditionOf(definition, type) !== undefined) return undefined;
    return { type, status: 'False', reason: 'NotAccepted', message: 'not all names are accepted' };
  }
  const bundle = definition.spec.conversion?.webhook?.clientConfig?.caBundle ?? '';
  if (!isBundle(bundle))
    return { type, status: 'False', reason: 'InvalidCABundle', message: 'The conversion webhook CABundle is invalid' };
  return {
    type,
    status: 'True',
    reason: 'InitialNamesAccepted',
    message: 'the initial names have been accepted',
  };
}

/** Only definitions of old can have such schemas. */
function structureCondition({ spec }: Definition): NewCondition | undefined {
  const type = 'NonStructuralSchema';
  if (spec.preserveUnknownFields !== true) return undefined;
  const texts: string[] = [];
  for (const [at, { name, schema }] of spec.versions.entries()) {
    const root = schema?.openAPIV3Schema;
    if (root === undefined) continue;
    const problem = conversionProblem(root);
    if (problem !== undefined)
      return {
        type,
        status: 'True',
        reason: 'StructuralError',
        message: `failed to check validation schema for version ${name}: ${problem}`,
      };
    texts.push(...structuralErrors(root, `spec.versions[${at}].schema.openAPIV3Schema`).map(fieldErrorText));
  }
  const violations = spec.preserveUnknownFields
    ? ['spec.preserveUnknownFields: Invalid value: true: must be false', ...texts]
    : texts;
  const message = violations.length === 1 ? violations[0]! : `[${violations.join(', ')}]`;
  return { type, status: 'True', reason: 'Violations', message };
}
