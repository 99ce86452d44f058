import { memberOverload, overload, type Library } from '../check/function.ts';
import { boolType, listType, mapType, stringType, structType } from '../type.ts';
import { spendLetters } from '../values/effort.ts';
import { CelError, CelMap, CelObject } from '../values/value.ts';
import { escapedPath, hostName, parseGoUrl, portOf, queryOf, urlComplaint, type GoUrl } from './go-url.ts';

const urlType = structType('kubernetes.URL');

class UrlValue extends CelObject {
  readonly text: string;
  readonly url: GoUrl;

  constructor(text: string, url: GoUrl) {
    super();
    this.text = text;
    this.url = url;
  }

  get type() {
    return urlType;
  }

  override isEqual(other: CelObject): boolean {
    return other instanceof UrlValue && other.text === this.text;
  }
}

function parse(text: string): UrlValue | CelError {
  const url = parseGoUrl(text);
  if (typeof url === 'string') return new CelError(`URL parse error during conversion from string: ${url}`);
  return new UrlValue(text, url);
}

/** To take a part of a URL to pieces takes as long as to go through its text several times. */
const lettersOfParsed = 32;

function part<T>(read: (url: GoUrl) => T): (value: UrlValue) => T {
  return ({ text, url }) => {
    spendLetters(lettersOfParsed * text.length);
    return read(url);
  };
}

function query(url: GoUrl): CelMap {
  return new CelMap(new Map([...queryOf(url)].map(([key, value]) => [key, { key, value }])));
}

const one = [urlType];

/** URLs: `url('https://example.com/path')`. */
export const urls: Library = {
  url: [overload('string_to_url', [stringType], urlType, parse)],
  getScheme: [memberOverload('url_get_scheme', one, stringType, ({ url }: UrlValue) => url.scheme)],
  getHost: [memberOverload('url_get_host', one, stringType, ({ url }: UrlValue) => url.host)],
  getHostname: [memberOverload('url_get_hostname', one, stringType, part(hostName))],
  getPort: [memberOverload('url_get_port', one, stringType, part(portOf))],
  getEscapedPath: [memberOverload('url_get_escaped_path', one, stringType, part(escapedPath))],
  getQuery: [memberOverload('url_get_query', one, mapType(stringType, listType(stringType)), part(query))],
  isURL: [overload('is_url_string', [stringType], boolType, (text: string) => urlComplaint(text) === undefined)],
};
