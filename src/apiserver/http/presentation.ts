import { refused } from '../../apimachinery/status.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { RequestContext } from '../request/context.ts';
import type { Core } from '../rest/operation.ts';
import type { IncludeObject } from '../rest/table.ts';
import { isTrueText } from '../rest/truth.ts';
import { negotiate, type Accepted, type Representation } from './negotiate.ts';
import type { Presentation } from './representation.ts';

/** How answers to a request are to look, beyond the form that was agreed on. */
export function presentationOf(
  { core, describeColumn }: { readonly core: Core; describeColumn(served: ServedVersion, column: string): string },
  { target }: RequestContext,
  accepted: Accepted,
): Presentation {
  const include = target.query.get('includeObject') ?? '';
  if (!['', 'None', 'Metadata', 'Object'].includes(include))
    throw refused.badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  const { clock } = core.context;
  return { accepted, includeObject: (include || 'Metadata') as IncludeObject, now: () => clock.now(), describeColumn };
}

const forms = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const streamForms = `${forms}, application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch`;

/** The form that client and server agree on. Throws NotAcceptable when there is none. */
export function acceptedForm(
  { headers }: Exchange,
  { target, userAgent }: RequestContext,
  { kind }: { readonly kind: string },
): Accepted {
  const isStream = kind === 'watch';
  const asked = target.query.get('pretty');
  const pretty = asked === undefined ? /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent) : isTrueText(asked);
  // Reviews have no columns, so no Table can be made of them.
  const canBe = ({ form }: Representation) => form !== 'table' || kind !== 'virtual';
  const accepted = negotiate(headers.get('accept'), pretty, canBe);
  if (accepted !== undefined && !(isStream && accepted.mediaType !== 'application/json'))
    return isStream ? { ...accepted, pretty: false } : accepted;
  // Collections can be watched, and say so.
  const isCollection = target.verb === 'list' || isStream;
  throw refused.other(
    406,
    'NotAcceptable',
    `406: Not Acceptable\n\nAvailable representations: ${isCollection ? streamForms : forms}`,
    {},
  );
}
