import { Pods } from '../../api/core/v1/types.ts';
import type { ObjectKey } from '../../apimachinery/object.ts';
import { requestPath } from '../../apimachinery/request-path.ts';

/** Which log of a pod, and how much of it. */
export interface LogChoice {
  readonly container: string;
  /** The log of the container that ran before the present one. */
  readonly previous: boolean;
  readonly follow: boolean;
  readonly timestamps: boolean;
}

/** So much of what is there already is read. */
const firstLines = 1000;

/** Where the API server has the log. */
export function logPath({ namespace, name }: ObjectKey, choice: LogChoice): string {
  const { container, previous, follow, timestamps } = choice;
  return requestPath({
    verb: 'get',
    type: Pods,
    name,
    ...(namespace !== undefined && { namespace }),
    subresource: 'log',
    options: {
      container,
      tailLines: String(firstLines),
      ...(previous && { previous: 'true' }),
      // What has ended writes nothing more.
      ...(follow && !previous && { follow: 'true' }),
      ...(timestamps && { timestamps: 'true' }),
    },
  });
}
