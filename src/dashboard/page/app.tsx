import { useEffect, useRef } from 'preact/hooks';
import type { Reach } from '../state/proxy-transport.ts';
import { routeText, views, type Opened, type View } from '../state/route.ts';
import { Details } from './details.tsx';
import { KindsView } from './kinds-view.tsx';
import { Overview } from './overview.tsx';
import type { Session } from './session.ts';
import { EventsView, PodsView, ServicesView, WorkloadsView } from './views.tsx';

const shown = {
  overview: Overview,
  workloads: WorkloadsView,
  pods: PodsView,
  services: ServicesView,
  events: EventsView,
  kinds: KindsView,
};
const viewNames: Readonly<Record<View, string>> = {
  overview: 'Overview',
  workloads: 'Workloads',
  pods: 'Pods',
  services: 'Services',
  events: 'Events',
  kinds: 'All kinds',
};

export function App({ session, name }: { session: Session; name: string }) {
  const main = useRef<HTMLElement>(null);
  const { view, open } = session.route.value;
  const Shown = shown[view];
  const isStale = session.reach.value !== 'reached';
  return (
    <>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to content
      </button>
      <header class="top">
        <Brand session={session} name={name} />
        <nav aria-label="Views">
          {views.map((one) => (
            <a key={one} href={routeText({ view: one })} aria-current={one === view ? 'page' : undefined}>
              {viewNames[one]}
            </a>
          ))}
        </nav>
        <Filters session={session} />
      </header>
      <Banner reach={session.reach.value} />
      <div class={bodyClass(open)}>
        <main ref={main} tabIndex={-1} class={isStale ? 'stale' : ''} aria-label={viewNames[view]}>
          <Shown session={session} />
        </main>
        <Details session={session} />
      </div>
    </>
  );
}

function bodyClass(open: Opened | undefined): string {
  if (open === undefined) return 'body';
  return open.part === undefined ? 'body split-view' : 'body split-view wide-details';
}

function Brand({ session, name }: { session: Session; name: string }) {
  const version = session.cluster.version.value.replace(/\+.*/, '');
  const isLive = session.reach.value === 'reached' && version !== '';
  return (
    <h1 class="brand">
      <img src="icon.svg" alt="" width={28} height={28} />
      <span>
        {name}
        <small class="muted">
          <span class={isLive ? 'dot live' : 'dot'} /> {isLive ? 'live' : 'offline'} · Kubernetes {version}
        </small>
      </span>
    </h1>
  );
}

function Filters({ session }: { session: Session }) {
  const search = useRef<HTMLInputElement>(null);
  const { filter } = session;
  const namespaces = session.cluster.namespaces.value;
  const { namespace, text } = filter.value;
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      if (event.key !== '/' || event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement)
        return;
      event.preventDefault();
      search.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return (
    <form class="filters" role="search" onSubmit={(event) => event.preventDefault()}>
      <label>
        <span class="hidden">Namespace</span>
        <select
          value={namespace}
          onChange={({ currentTarget }) => (filter.value = { ...filter.value, namespace: currentTarget.value })}
        >
          <option value="">All namespaces</option>
          {namespaces.includes(namespace) || namespace === '' ? null : <option value={namespace}>{namespace}</option>}
          {namespaces.map((one) => (
            <option key={one} value={one}>
              {one}
            </option>
          ))}
        </select>
      </label>
      <label>
        <span class="hidden">Filter by words, or by labels such as app=web</span>
        <input
          ref={search}
          type="search"
          placeholder="Filter: name, app=web   ( / )"
          value={text}
          onInput={({ currentTarget }) => (filter.value = { ...filter.value, text: currentTarget.value })}
          autocomplete="off"
          spellcheck={false}
        />
      </label>
    </form>
  );
}

const lostTexts: Readonly<Record<Reach, string>> = {
  reached: '',
  'server lost': 'Disconnected: the API server does not answer. Trying again…',
  'proxy lost': 'Disconnected: "kubeling dashboard" does not answer. Trying again; start it anew if it has ended.',
};

function Banner({ reach }: { reach: Reach }) {
  return (
    <div role="status" class="banner" hidden={reach === 'reached'}>
      {lostTexts[reach]}
    </div>
  );
}
