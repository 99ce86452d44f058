import type { Clock } from '../../base/clock.ts';
import type { PathTarget } from '../request/target.ts';
import type { Reply } from '../http/reply.ts';
import { BusyProfilerError, Profiles } from './profiles.ts';

const profilingRoot = '/debug/pprof';

export function isProfilePage({ path }: PathTarget): boolean {
  return path.startsWith(`${profilingRoot}/`);
}

const usualSeconds = { profile: 30, heap: 5 } as const;
const mostSeconds = 300;

const index = `<html><head><title>/debug/pprof/</title></head><body>
/debug/pprof/<br>
<a href="profile?seconds=30">profile</a>: where time goes, for so many seconds<br>
<a href="heap?seconds=5">heap</a>: what is allocated for so many seconds and still there<br>
</body></html>
`;

/** Profiles of the server for whoever may read the paths below {@link profilingRoot}: `go tool pprof` takes them. */
export class ProfilePages {
  readonly #profiles: Profiles;

  constructor(clock: Clock) {
    this.#profiles = new Profiles(clock);
  }

  async serve(reply: Reply, { path, query }: PathTarget): Promise<void> {
    const page = path.slice(profilingRoot.length + 1);
    if (page === '') return reply.send(200, 'text/html; charset=utf-8', Buffer.from(index));
    if (page !== 'profile' && page !== 'heap') return reply.text(404, 'Unknown profile\n', notSniffed);
    const asked = Number(query.get('seconds') ?? '');
    const seconds = asked > 0 ? Math.min(asked, mostSeconds) : usualSeconds[page];
    const { signal } = reply.exchange;
    try {
      const take = page === 'profile' ? this.#profiles.cpu : this.#profiles.heap;
      const file = await take.call(this.#profiles, seconds * 1000, signal);
      reply.send(200, 'application/octet-stream', file, {
        ...notSniffed,
        'content-disposition': `attachment; filename="${page}"`,
      });
    } catch (error) {
      if (!(error instanceof BusyProfilerError)) throw error;
      reply.text(500, `${error.message}\n`, notSniffed);
    }
  }
}

const notSniffed = { 'x-content-type-options': 'nosniff' };
