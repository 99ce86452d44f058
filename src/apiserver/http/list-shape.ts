import type { KubeObject } from '../../apimachinery/object.ts';
import type { CachedObject } from '../cache/cached-object.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import { columnDefinitions, partialMetadata, tableRow } from '../rest/table.ts';
import { listMeta, notAList, type ListAnswer, type Presentation } from './representation.ts';

/** A list as what stands around its items, in the order of Kubernetes' JSON, and each item as a value. */
export interface ListShape {
  readonly envelope: object;
  /** The member that holds the items; it is the last one. */
  readonly key: 'items' | 'rows';
  /** What it is when there are none. */
  readonly empty: readonly [] | null;
  item(entry: CachedObject): unknown;
}

/** Throws NotAcceptable for the form of a single object. */
export function listShape(answer: ListAnswer, presentation: Presentation): ListShape {
  const { served } = answer;
  const { form } = served;
  const { representation } = presentation.accepted;
  const metadata = listMeta(answer);
  if (representation.form === 'object') {
    // Lists of custom kinds say so when nothing follows.
    const told = served.isBuiltIn ? metadata : { continue: '', ...metadata };
    const envelope = { kind: form.listKind ?? `${form.kind}List`, apiVersion: form.apiVersion, metadata: told };
    return { envelope, key: 'items', empty: [], item: (entry) => listed(served, entry.peek(form)) };
  }
  const apiVersion = `meta.k8s.io/${representation.version}`;
  if (representation.form === 'table') {
    const now = presentation.now();
    const columns = columnDefinitions(served, (column) => presentation.describeColumn(served, column));
    return {
      envelope: { kind: 'Table', apiVersion, metadata, columnDefinitions: columns },
      key: 'rows',
      empty: [],
      item: (entry) => tableRow(served, entry.peek(form), now, presentation.includeObject),
    };
  }
  const { version } = representation;
  if (!representation.list) throw notAList(served);
  return {
    envelope: { kind: 'PartialObjectMetadataList', apiVersion, metadata },
    key: 'items',
    empty: null,
    item: (entry) => partialMetadata(entry.peek(form), version),
  };
}

/** Items of Kubernetes' own kinds do not say what they are, as their list does; those of others do. */
function listed({ isBuiltIn }: ServedVersion, object: Readonly<KubeObject>): Readonly<KubeObject> {
  if (!isBuiltIn) return object;
  const { kind: _kind, apiVersion: _apiVersion, ...rest } = object;
  return rest;
}
