import { goQuote } from '../../../apimachinery/go-text.ts';

/** No more of a refusal is shown. */
const longestProblem = 1024;

/** What Go's client says of an answer's code where the answer itself says nothing. */
const messages: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

/** Where the answer's own words are the message; what is said without any. */
const otherwise: Readonly<Record<number, string>> = {
  403: '',
  406: 'the server was unable to respond with a content type that the client supports',
  415: 'the server was unable to respond with a content type that the client supports',
};

/** What is wrong with an answer of another code than of success, in the words of Go's client. */
export function answeredProblem(code: number, contentType: string, text: string): string {
  const said = statusMessage(text);
  if (said !== undefined) return said;
  const isText = contentType === '' || contentType.startsWith('text/');
  const own = isText ? text.trim().slice(0, longestProblem) : 'unknown';
  const message = messages[code];
  if (message !== undefined) return message;
  const silent = otherwise[code];
  if (silent !== undefined) return own === '' ? silent : own;
  if (code >= 500) return `an error on the server (${goQuote(own)}) has prevented the request from succeeding`;
  return `the server responded with the status code ${code} but did not return more information`;
}

/** What a Status says. */
function statusMessage(text: string): string | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const { kind, apiVersion, message } = JSON.parse(text) as Record<string, unknown>;
    const isStatus = kind === 'Status' && apiVersion === 'v1';
    return isStatus && typeof message === 'string' && message !== '' ? message.slice(0, longestProblem) : undefined;
  } catch {
    return undefined;
  }
}
