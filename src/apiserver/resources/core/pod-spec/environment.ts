import type { EnvFromSource, EnvVar, PodSpec, Volume } from '../../../../api/core/v1/types.ts';
import { configMapKey, dnsLabel, dnsSubdomain, environmentVariableName } from '../../../../apimachinery/names.ts';
import { invalid, notFound, required } from '../../../../apimachinery/validation.ts';
import { complain, type Errors } from '../../checks.ts';
import { checkFieldReference, checkResourceReference, environmentFieldPaths } from './downward-references.ts';
import { checkRelativePath } from './paths.ts';
import { visitContainers } from './visit.ts';

export function checkEnvironment(errors: Errors, variables: readonly EnvVar[] | undefined, field: string): void {
  if (variables === undefined) return;
  for (let i = 0; i < variables.length; i++) {
    const { name, value, valueFrom } = variables[i]!;
    if (!name) errors.push(required(`${field}[${i}].name`));
    else complain(errors, `${field}[${i}].name`, name, environmentVariableName(name));
    if (valueFrom !== undefined) checkSource(errors, valueFrom, value, `${field}[${i}].valueFrom`);
  }
}

function checkSource(
  errors: Errors,
  source: NonNullable<EnvVar['valueFrom']>,
  value: string | undefined,
  field: string,
): void {
  let sources = 0;
  if (source.fieldRef !== undefined) {
    sources++;
    checkFieldReference(errors, source.fieldRef, environmentFieldPaths, `${field}.fieldRef`);
  }
  if (source.resourceFieldRef !== undefined) {
    sources++;
    checkResourceReference(errors, source.resourceFieldRef, `${field}.resourceFieldRef`, { needsContainer: false });
  }
  if (source.configMapKeyRef !== undefined) {
    sources++;
    checkKeyReference(errors, source.configMapKeyRef, `${field}.configMapKeyRef`);
  }
  if (source.secretKeyRef !== undefined) {
    sources++;
    checkKeyReference(errors, source.secretKeyRef, `${field}.secretKeyRef`);
  }
  if (source.fileKeyRef !== undefined) {
    sources++;
    const { volumeName, path, key } = source.fileKeyRef;
    const file = `${field}.fileKeyRef`;
    if (!volumeName) errors.push(required(`${file}.volumeName`));
    else complain(errors, `${file}.volumeName`, volumeName, dnsLabel(volumeName));
    if (!path) errors.push(required(`${file}.path`));
    else checkRelativePath(errors, path, `${file}.path`);
    if (!key) errors.push(required(`${file}.key`));
    else complain(errors, `${file}.key`, key, environmentVariableName(key));
  }
  if (sources === 0)
    errors.push(
      invalid(
        field,
        '',
        'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
      ),
    );
  else if (value) errors.push(invalid(field, '', 'may not be specified when `value` is not empty'));
  else if (sources > 1) errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
}

/** Files of variables are made in the pod: they stand in volumes that are empty at first. */
export function checkFilesOfVariables(errors: Errors, spec: PodSpec, path: string): void {
  /** Of several that have one name the last. Few pods have such variables, and one may have thousands. */
  let volumes: Map<string, Volume> | undefined;
  visitContainers(spec, path, ({ env }, field) => {
    if (env === undefined) return;
    for (let i = 0; i < env.length; i++) {
      const file = env[i]!.valueFrom?.fileKeyRef;
      if (file === undefined) continue;
      const name = file.volumeName ?? '';
      volumes ??= new Map(spec.volumes?.map((one) => [one.name ?? '', one]));
      const volume = volumes.get(name);
      const at = `${field}.env[${i}].valueFrom.fileKeyRef.volumeName`;
      if (volume === undefined) errors.push(notFound(at, name));
      else if (volume.emptyDir === undefined)
        errors.push(invalid(at, name, 'referenced volume must be of type emptyDir'));
    }
  });
}

function checkKeyReference(errors: Errors, reference: { name?: string; key: string }, field: string): void {
  complain(errors, `${field}.name`, reference.name ?? '', dnsSubdomain(reference.name ?? ''));
  if (!reference.key) errors.push(required(`${field}.key`));
  else complain(errors, `${field}.key`, reference.key, configMapKey(reference.key));
}

export function checkEnvironmentSources(
  errors: Errors,
  sources: readonly EnvFromSource[] | undefined,
  field: string,
): void {
  sources?.forEach(({ prefix, configMapRef, secretRef }, i) => {
    if (prefix) complain(errors, `${field}[${i}].prefix`, prefix, environmentVariableName(prefix));
    if (configMapRef !== undefined) checkObjectName(errors, configMapRef.name, `${field}[${i}].configMapRef.name`);
    if (secretRef !== undefined) checkObjectName(errors, secretRef.name, `${field}[${i}].secretRef.name`);
    if (configMapRef === undefined && secretRef === undefined)
      errors.push(invalid(field, '', 'must specify one of: `configMapRef` or `secretRef`'));
    else if (configMapRef !== undefined && secretRef !== undefined)
      errors.push(invalid(field, '', 'may not have more than one field specified at a time'));
  });
}

function checkObjectName(errors: Errors, name: string | undefined, field: string): void {
  if (!name) errors.push(required(field));
  else complain(errors, field, name, dnsSubdomain(name));
}
