import type { FuzzAnswer } from './sender.ts';
import type { FuzzRequest } from './requests.ts';

/** Answers of 500 and above that Kubernetes gives too, each by what it says. */
const asked: readonly { readonly status: number; readonly says: RegExp; readonly why: string }[] = [
  {
    status: 500,
    says: /resourceVersion should not be set on objects to be created/,
    why: 'storage refuses it with a plain error',
  },
  { status: 500, says: /failed to create typed patch object/, why: 'apply cannot fit the body to its type' },
  { status: 500, says: /strconv\.ParseUint|Invalid value: .*: strconv/, why: 'the version of a body is no number' },
  {
    status: 500,
    says: /error in patch|unable to (find|parse)|json: cannot unmarshal|cannot (convert|restore)/,
    why: 'apply reads what is no patch',
  },
  { status: 500, says: /nodes "[^"]*" not found|no preferred addresses found/, why: 'the node of a pod is not there' },
  { status: 500, says: /error dialing backend|dial tcp|proxyconnect/, why: 'nothing listens where a kubelet should' },
  { status: 500, says: /unable to upgrade|you must specify at least/, why: 'a stream without an upgrade' },
  { status: 500, says: /unknown patch type: /, why: 'a directive of a strategic merge is none' },
  { status: 500, says: /the spec replicas field \S+ does not exist/, why: 'a custom object has nothing to scale' },
  { status: 500, says: /does not contain declared merge key/, why: 'an item of a strategic merge has no key' },
  {
    status: 503,
    says: /no endpoints available for service|no service port|error trying to reach service|no connection to nodes/,
    why: 'nothing is behind the Service',
  },
  { status: 504, says: /Too large resource version/, why: 'a version of the future' },
];

/** A Status says up to a thousand causes, each in its message too, of some two hundred letters. */
const mostErrorBytes = 512 * 1024;

/** What is wrong with an answer; undefined when nothing is. */
export function complaintAbout(request: FuzzRequest, answer: FuzzAnswer): string | undefined {
  const { status, contentType, text, bytes } = answer;
  if (status < 200 || status > 599) return `status ${status}`;
  const isAsked = asked.some((one) => one.status === status && one.says.test(text));
  // An answer to HEAD does not say why; of these the node or pod is hardly ever there.
  if (request.method === 'HEAD' && (status === 500 || status === 503) && /\/(proxy|log)\b/.test(request.path))
    return undefined;
  if (status >= 500 && !isAsked) return `status ${status}: ${text.slice(0, 300)}`;
  if (request.method === 'HEAD') return undefined;
  const isError = status >= 400;
  if (isError && bytes > 4 * (request.body?.length ?? 0) + mostErrorBytes) return `an error of ${bytes} bytes`;
  const isWhole = bytes === Buffer.byteLength(text);
  if (contentType === 'application/json' && isWhole && !isReadable(text))
    return `answer that is no JSON: ${text.slice(0, 300)}`;
  return undefined;
}

/** One document, or one a line as watches send them. */
function isReadable(text: string): boolean {
  if (text === '') return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return text.trimEnd().split('\n').every(isDocument);
  }
}

function isDocument(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
