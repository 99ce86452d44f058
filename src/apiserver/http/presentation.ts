import { refused } from '../../apimachinery/status.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { ServedVersion } from '../catalog/served-version.ts';
import type { RequestContext } from '../request/context.ts';
import type { Core } from '../rest/operation.ts';
import type { IncludeObject } from '../rest/table.ts';
import { booleanOption } from '../rest/boolean-option.ts';
import { negotiate, passesFilter, type Accepted, type Representation } from './negotiate.ts';
import type { LargeTexts } from './large-texts.ts';
import type { ProtobufForms } from './protobuf-forms.ts';
import type { Presentation } from './representation.ts';

export interface PresentationParts {
  readonly core: Core;
  readonly protobuf: ProtobufForms;
  readonly texts: LargeTexts;
  describeColumn(served: ServedVersion, column: string): string;
}

/** How answers to a request are to look, beyond the form that was agreed on. */
export function presentationOf(
  { core, describeColumn, protobuf, texts }: PresentationParts,
  { target }: RequestContext,
  accepted: Accepted,
): Presentation {
  const include = target.query.get('includeObject') ?? '';
  if (!['', 'None', 'Metadata', 'Object'].includes(include))
    throw refused.badRequest(`unrecognized includeObject value: ${JSON.stringify(include)}`);
  const { clock } = core.context;
  return {
    accepted,
    includeObject: (include || 'Metadata') as IncludeObject,
    now: () => clock.now(),
    describeColumn,
    protobuf,
    texts,
  };
}

const forms = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const streams = 'application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch';

/** What is asked for: who answers, and as what. */
interface Asked {
  readonly kind: string;
  readonly served?: ServedVersion;
}

/** The form that client and server agree on. Throws NotAcceptable when there is none. */
export function acceptedForm({ headers }: Exchange, { target, userAgent }: RequestContext, asked: Asked): Accepted {
  const isStream = asked.kind === 'watch';
  const accept = headers.get('accept');
  // Of custom kinds it is their own code that refuses.
  if (asked.served?.isBuiltIn !== false && !passesFilter(accept)) {
    // Collections can be watched, and say so.
    const all = target.verb === 'list' || isStream ? `${forms}, ${streams}` : forms;
    throw refused.other(406, 'NotAcceptable', `406: Not Acceptable\n\nAvailable representations: ${all}`, {});
  }
  const given = target.query.get('pretty');
  const pretty = given === undefined ? /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent) : booleanOption(given);
  const accepted = negotiate(accept, pretty, {
    protobuf: asked.served === undefined || asked.served.form.definition !== undefined,
    // Reviews have no columns, so no Table can be made of them.
    canBe: ({ form }: Representation) => form !== 'table' || asked.kind !== 'virtual',
  });
  if (accepted !== undefined && !(isStream && accepted.mediaType === 'application/yaml'))
    return isStream ? { ...accepted, pretty: false } : accepted;
  throw refused.notAcceptable(`only the following media types are accepted: ${isStream ? streams : forms}`);
}
