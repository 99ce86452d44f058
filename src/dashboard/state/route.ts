/** What the page shows, kept in the fragment of its address: so links, history and reloading work. */
export interface Route {
  readonly view: View;
  /** Which kind the view of one kind shows. */
  readonly kind?: string;
  /** The object whose details are open. */
  readonly open?: Opened;
}

export interface Opened {
  /** As in `ServedKind`: `pods`, `deployments.apps`. */
  readonly id: string;
  readonly namespace?: string;
  readonly name: string;
  /** Which part of the details; what it is called and how it is, unless told. */
  readonly part?: Part;
}

export const views = ['overview', 'workloads', 'pods', 'services', 'events', 'kinds'] as const;
export type View = (typeof views)[number];

const parts = ['yaml', 'logs'] as const;
export type Part = (typeof parts)[number];

/**
 * `#pods`, `#overview/nodes/one`, `#pods/pods/default/web:logs`, `#kinds:deployments.apps/deployments.apps/default/web`.
 * Anything else is the overview.
 */
export function parseRoute(fragment: string): Route {
  const [first = '', id, ...names] = fragment.replace(/^#/, '').split('/');
  const [word, kind] = first.split(':', 2).map(decoded);
  const view = views.find((one) => one === word) ?? 'overview';
  const shown = { view, ...(view === 'kinds' && kind && { kind }) };
  if (id === undefined || names.length === 0 || names.length > 2 || names.includes('')) return shown;
  const [last, partName] = names.pop()!.split(':', 2).map(decoded);
  const part = parts.find((one) => one === partName);
  const namespace = names.length === 1 ? { namespace: decoded(names[0]!) } : {};
  return { ...shown, open: { id: decoded(id), ...namespace, name: last!, ...(part && { part }) } };
}

export function routeText({ view, kind, open }: Route): string {
  const first = kind === undefined ? view : `${view}:${encodeURIComponent(kind)}`;
  if (open === undefined) return `#${first}`;
  const names = [open.id, open.namespace, open.name].filter((part) => part !== undefined).map(encodeURIComponent);
  return `#${[first, ...names].join('/')}${open.part === undefined ? '' : `:${open.part}`}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
