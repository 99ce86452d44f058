import { Secrets, type Secret } from '../../../api/core/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { setMember } from '../../../apimachinery/patch/json-value.ts';
import { forbidden, invalid, required, tooLong } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkConfigKey, immutableField, type Errors } from '../checks.ts';
import { base64Length, base64Of, textOfBase64 } from './base64.ts';
import { frozen, mostBytes } from './config-map.ts';

const accountName = 'kubernetes.io/service-account.name';

/** Configuration that is not for every eye. */
export const secret: ResourceDefinition<Secret> = {
  type: Secrets,

  strategy: {
    hasGeneration: false,

    defaults(draft) {
      draft.type ||= 'Opaque';
      if (draft.stringData === undefined) return;
      const entries = Object.entries(draft.stringData);
      if (entries.length > 0) draft.data ??= {};
      for (const [key, text] of entries) setMember(draft.data!, key, base64Of(text));
      delete draft.stringData;
    },

    prepareForUpdate(draft, old) {
      if (old.type !== undefined) draft.type ||= old.type;
    },

    validate(object, old) {
      const errors: Errors = [];
      if (old !== undefined && object.type !== old.type) errors.push(invalid('type', object.type, immutableField));
      if (old?.immutable === true) {
        if (object.immutable !== true) errors.push(forbidden('immutable', frozen));
        if (!semanticEqual(object.data, old.data)) errors.push(forbidden('data', frozen));
      }
      const { data = {} } = object;
      let size = 0;
      for (const key of Object.keys(data)) {
        checkConfigKey(errors, `data[${key}]`, key);
        size += base64Length(data[key]!);
      }
      if (size > mostBytes) errors.push(tooLong('data', mostBytes));
      checkType(errors, object, data);
      return errors;
    },

    warnings(object) {
      const certificate = object.type === 'kubernetes.io/tls' ? object.data?.['tls.crt'] : undefined;
      if (certificate === undefined || textOfBase64(certificate).includes('-----BEGIN ')) return [];
      return ['tls: failed to find any PEM data in certificate input'];
    },
  },

  columns: {
    cells: (object, now) => [
      object.metadata.name,
      object.type ?? '',
      Object.keys(object.data ?? {}).length,
      ageOf(object, now),
    ],
  },

  selectableFields: { type: (object) => object.type ?? '' },
};

/** Types that Kubernetes knows must hold what their readers look for. Values never get into a message. */
function checkType(errors: Errors, { type, metadata }: Readonly<Secret>, data: Readonly<Record<string, string>>): void {
  const need = (key: string, isThere = data[key] !== undefined) => {
    if (!isThere) errors.push(required(`data[${key}]`));
  };
  switch (type) {
    case 'kubernetes.io/service-account-token':
      if (!metadata.annotations?.[accountName]) errors.push(required(`metadata.annotations[${accountName}]`));
      break;
    case 'kubernetes.io/dockercfg':
      checkDockerConfig(errors, data, '.dockercfg');
      break;
    case 'kubernetes.io/dockerconfigjson':
      checkDockerConfig(errors, data, '.dockerconfigjson');
      break;
    case 'kubernetes.io/basic-auth':
      if (data['username'] === undefined && data['password'] === undefined) {
        need('username');
        need('password');
      }
      break;
    case 'kubernetes.io/ssh-auth':
      need('ssh-privatekey', Boolean(data['ssh-privatekey']));
      break;
    case 'kubernetes.io/tls':
      need('tls.crt');
      need('tls.key');
      break;
  }
}

function checkDockerConfig(errors: Errors, data: Readonly<Record<string, string>>, key: string): void {
  const encoded = data[key];
  if (encoded === undefined) {
    errors.push(required(`data[${key}]`));
    return;
  }
  const problem = jsonObjectProblem(textOfBase64(encoded));
  if (problem !== undefined) errors.push(invalid(`data[${key}]`, '<secret contents redacted>', problem));
}

/** Why a text is no JSON object, without quoting the text. */
function jsonObjectProblem(text: string): string | undefined {
  if (text.trim() === '') return 'unexpected end of JSON input';
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    const start = /^\s*([^\s{[])/.exec(text)?.[1];
    return start === undefined
      ? 'unexpected end of JSON input'
      : `invalid character ${quoted(start)} looking for beginning of value`;
  }
  if (value === null || (typeof value === 'object' && !Array.isArray(value))) return undefined;
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return `json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`;
}

function quoted(char: string): string {
  return char === "'" ? "'\\''" : `'${char}'`;
}
