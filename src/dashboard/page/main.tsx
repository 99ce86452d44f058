import { render } from 'preact';
import { App } from './app.tsx';
import { openSession } from './session.ts';

const name = document.querySelector<HTMLMetaElement>('meta[name=cluster]')?.content ?? 'Cluster';

render(<App session={openSession()} name={name} />, document.body);
