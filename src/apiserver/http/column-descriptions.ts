import type { Descriptions } from '../discovery/descriptions.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { columnTexts, commonColumnTexts } from './column-texts.ts';

/** Explains the columns of tables: with texts of their own, or with those of the fields that they show. */
export function columnDescriber(descriptions: () => Descriptions): (served: ServedVersion, column: string) => string {
  function ofField(reference: string): string {
    const [definition = '', field = ''] = reference.split('#');
    const root = definition.startsWith('meta.') ? 'io.k8s.apimachinery.pkg.apis.' : 'io.k8s.api.';
    return descriptions()[root + definition]?.[field] ?? '';
  }

  return ({ type }, column) => {
    if (column === 'Name') return ofField('meta.v1.ObjectMeta#name');
    const resource = `${type.resource}.${type.version}${type.group === '' ? '' : `.${type.group}`}`;
    const text = columnTexts[resource]?.[column] ?? commonColumnTexts[column] ?? '';
    return text.startsWith('#') ? ofField(text.slice(1)) : text;
  };
}
