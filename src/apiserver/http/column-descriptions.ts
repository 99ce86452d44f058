import type { Descriptions } from '../discovery/descriptions.ts';
import type { Served } from '../rest/registry.ts';

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Explains the columns of tables with the texts of the fields that they show. */
export function columnDescriber(descriptions: () => Descriptions): (served: Served, column: string) => string {
  return (_served, column) => {
    if (column === 'Name') return descriptions()[objectMeta]?.['name'] ?? '';
    if (column === 'Age') return descriptions()[objectMeta]?.['creationTimestamp'] ?? '';
    return '';
  };
}
