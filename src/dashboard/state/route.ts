/** What the page shows, kept in the fragment of its address: so links, history and reloading work. */
export interface Route {
  readonly view: View;
  /** The object whose details are open. */
  readonly open?: Opened;
}

export interface Opened {
  /** Plural: `pods`. */
  readonly resource: string;
  readonly namespace?: string;
  readonly name: string;
}

export const views = ['overview', 'workloads', 'pods', 'services'] as const;
export type View = (typeof views)[number];

/** `#pods`, `#overview/nodes/one`, `#pods/pods/default/web`. Anything else is the overview. */
export function parseRoute(fragment: string): Route {
  const [first = '', resource, ...names] = fragment.replace(/^#/, '').split('/').map(decoded);
  const view = views.find((one) => one === first) ?? 'overview';
  if (resource === undefined || names.length === 0 || names.length > 2 || names.includes('')) return { view };
  const [namespace, name] = names.length === 2 ? names : [undefined, names[0]];
  return { view, open: { resource, name: name!, ...(namespace !== undefined && { namespace }) } };
}

export function routeText({ view, open }: Route): string {
  const { resource, namespace, name } = open ?? {};
  const parts = [view, resource, namespace, name].filter((part) => part !== undefined);
  return `#${parts.map(encodeURIComponent).join('/')}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
