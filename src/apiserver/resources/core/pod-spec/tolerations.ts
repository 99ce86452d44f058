import type { Taint, Toleration } from '../../../../api/core/v1/types.ts';
import { labelValueText } from '../../../../apimachinery/names.ts';
import { invalid, notSupported, required } from '../../../../apimachinery/validation.ts';
import { checkQualifiedName, type Errors } from '../../checks.ts';

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
const operators = ['Equal', 'Exists'];
const comparisons: readonly string[] = ['Lt', 'Gt'];

export function checkTolerations(errors: Errors, tolerations: readonly Toleration[], path: string): void {
  for (let i = 0; i < tolerations.length; i++) checkToleration(errors, tolerations[i]!, `${path}[${i}]`);
}

function checkToleration(errors: Errors, toleration: Toleration, field: string): void {
  const { key, operator, value = '', effect, tolerationSeconds } = toleration;
  if (key) checkQualifiedName(errors, `${field}.key`, key);
  else if (operator !== 'Exists')
    errors.push(
      invalid(
        `${field}.operator`,
        operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (tolerationSeconds !== undefined && effect !== 'NoExecute')
    errors.push(invalid(`${field}.effect`, effect ?? '', "effect must be 'NoExecute' when `tolerationSeconds` is set"));
  if (!operator || operator === 'Equal') {
    const problems = labelValueText(value);
    if (problems.length > 0) errors.push(invalid(`${field}.operator`, value, problems.join(';')));
  } else if (operator === 'Exists') {
    if (value !== '')
      errors.push(invalid(`${field}.operator`, value, "value must be empty when `operator` is 'Exists'"));
  } else {
    // Comparisons are a feature that is off; Kubernetes names them among what is supported all the same.
    const isComparison = comparisons.includes(operator);
    errors.push(notSupported(`${field}.operator`, operator, isComparison ? [...operators, ...comparisons] : operators));
  }
  if (effect && !effects.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, effects));
}

/** Taints of a node: valid, and at most one for each key and effect. */
export function checkTaints(errors: Errors, taints: readonly Taint[], path: string): void {
  const seen = new Set<string>();
  taints.forEach((taint, i) => {
    const { key = '', value = '', effect } = taint;
    const field = `${path}[${i}]`;
    checkQualifiedName(errors, `${field}.key`, key);
    const problems = labelValueText(value);
    if (problems.length > 0) errors.push(invalid(`${field}.value`, value, problems.join(';')));
    if (!effect) errors.push(required(`${field}.effect`));
    else if (!effects.includes(effect)) errors.push(notSupported(`${field}.effect`, effect, effects));
    const pair = `${effect}/${key}`;
    if (seen.has(pair))
      errors.push({
        reason: 'FieldValueDuplicate',
        field,
        message: `Duplicate value: ${JSON.stringify(taint)}: taints must be unique by key and effect pair`,
      });
    seen.add(pair);
  });
}
