import type { KubeObject } from '../../apimachinery/object.ts';
import { CachedObject } from '../cache/cached-object.ts';
import { measuredList } from '../rest/measured.ts';
import type { Answer } from '../rest/operation.ts';

/** What a request was answered with, as an object or list of the version that was asked for, whatever form was sent. */
export function answeredBody(answer: Answer): object {
  switch (answer.kind) {
    case 'value':
      return answer.value;
    case 'measured':
      return measuredList(answer);
    case 'object': {
      const { object, served } = answer;
      return object instanceof CachedObject ? object.object(served.form) : object;
    }
    case 'list': {
      const { served, entries, revision, remaining } = answer;
      const metadata = {
        resourceVersion: String(revision),
        ...(answer.continue === undefined ? {} : { continue: answer.continue }),
        ...(remaining === undefined ? {} : { remainingItemCount: remaining }),
      };
      const kind = served.form.listKind ?? `${served.type.kind}List`;
      return {
        kind,
        apiVersion: served.apiVersion,
        metadata,
        items: entries.map((entry) => entry.object(served.form)),
      };
    }
  }
}

/** The same without managed fields, of a list those of its items. What has none is returned as it is. */
export function withoutManagedFields(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  const { metadata, items } = body as { metadata?: KubeObject['metadata']; items?: unknown };
  if (Array.isArray(items)) return { ...body, items: items.map(withoutManagedFields) };
  if (metadata?.managedFields === undefined) return body;
  const { managedFields: _managedFields, ...rest } = metadata;
  return { ...body, metadata: rest };
}
