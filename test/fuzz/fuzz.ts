import { isLongRunning } from './long-running.ts';
import { fuzzRequest, type FuzzRequest, type Who } from './requests.ts';
import { Sender, type FuzzAnswer, type Identity } from './sender.ts';
import { complaintAbout } from './verdict.ts';

export interface FuzzOptions {
  readonly seed: string;
  /** The numbers of the first request and of the one behind the last. */
  readonly from: number;
  readonly to: number;
  /** How many are under way at once. */
  readonly clients: number;
  readonly url: string;
  readonly ca: string;
  readonly identities: Readonly<Record<Who, Identity | undefined>>;
  /** Called after each that was sent; `answer` is absent where there was none. */
  onAnswer?(request: FuzzRequest, answer: FuzzAnswer | undefined): void;
}

export interface Complaint {
  readonly request: FuzzRequest;
  readonly why: string;
}

/** Sends requests made of a seed, and answers what was wrong. */
export async function fuzz({
  seed,
  from,
  to,
  clients,
  url,
  ca,
  identities,
  onAnswer,
}: FuzzOptions): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  let next = from;
  const client = async (): Promise<void> => {
    using opened = new DisposableStack();
    const senders = new Map<Who, Sender>();
    while (next < to) {
      const request = fuzzRequest(seed, next++);
      let sender = senders.get(request.who);
      if (sender === undefined)
        senders.set(request.who, (sender = opened.use(new Sender(url, ca, identities[request.who]))));
      let answer: FuzzAnswer | undefined;
      let why: string | undefined;
      try {
        answer = await sender.send(isLongRunning(request) ? bounded(request) : request);
        why = complaintAbout(request, answer);
      } catch (error) {
        why = `no answer: ${(error as Error).message}`;
      }
      if (why !== undefined) complaints.push({ request, why });
      onAnswer?.(request, answer);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  return complaints;
}

/** A watch that ends by itself; of a parameter that is given twice the first counts. */
function bounded(request: FuzzRequest): FuzzRequest {
  const [path, query = ''] = request.path.split('?');
  return { ...request, path: `${path}?timeoutSeconds=1&${query}` };
}

/** The request as somebody can send it again. */
export function describe({ number, who, protocol, method, path, headers, body }: FuzzRequest): string {
  const head = `#${number} as ${who} over ${protocol}: ${method} ${path} ${JSON.stringify(headers)}`;
  if (body === undefined) return head;
  const shown =
    body.length > 2000
      ? `${body.subarray(0, 2000).toString('latin1')}… (${body.length} bytes)`
      : body.toString('latin1');
  return `${head}\n    ${JSON.stringify(shown)}`;
}
