import { parseGoDuration } from '../../apimachinery/duration.ts';
import { invalid, required, type FieldError } from '../../apimachinery/validation.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

/**
 * Where what the audit policy asks for goes: a kind of ours, as Kubernetes has flags for it. Its fields are the words of those
 * flags (`--audit-log-maxsize` is `log.maxSize`), with the same defaults.
 */
export interface AuditOutput {
  readonly log?: AuditLogOutput;
  readonly webhook?: AuditWebhookOutput;
}

export interface AuditLogOutput {
  /** Default: `audit.log` beside the server's other files. */
  readonly path?: string;
  /** Days that files of before are kept; 0: for ever. */
  readonly maxAge?: number;
  /** Files of before that are kept; 0: all. */
  readonly maxBackup?: number;
  /** Megabytes after which another file begins; 0: never. */
  readonly maxSize?: number;
  readonly compress?: boolean;
}

export interface AuditWebhookOutput {
  /** A kubeconfig whose server gets the events. */
  readonly configFile: string;
  /** Durations are those of Go. */
  readonly initialBackoff?: string;
  readonly batch?: {
    readonly bufferSize?: number;
    readonly maxSize?: number;
    readonly maxWait?: string;
    readonly throttleEnable?: boolean;
    readonly throttleQPS?: number;
    readonly throttleBurst?: number;
  };
  readonly truncate?: { readonly enabled?: boolean; readonly maxEventSize?: number; readonly maxBatchSize?: number };
}

const integer = { type: 'integer' } as const;
const flag = { type: 'boolean' } as const;
const text = { type: 'string' } as const;

export const auditOutput: ConfigurationKind<AuditOutput> = {
  kind: 'AuditOutput',
  apiVersions: ['kubeling.dev/v1'],
  schema: {
    AuditOutput: { fields: { ...typeFields, log: { ref: 'Log' }, webhook: { ref: 'Webhook' } } },
    Log: { fields: { path: text, maxAge: integer, maxBackup: integer, maxSize: integer, compress: flag } },
    Webhook: {
      fields: { configFile: text, initialBackoff: text, batch: { ref: 'Batch' }, truncate: { ref: 'Truncate' } },
    },
    Batch: {
      fields: {
        bufferSize: integer,
        maxSize: integer,
        maxWait: text,
        throttleEnable: flag,
        throttleQPS: { type: 'number' },
        throttleBurst: integer,
      },
    },
    Truncate: { fields: { enabled: flag, maxEventSize: integer, maxBatchSize: integer } },
  },
  validate: ({ log, webhook }) => [...(log ? logErrors(log) : []), ...(webhook ? webhookErrors(webhook) : [])],
};

function logErrors({ path, maxAge, maxBackup, maxSize }: AuditLogOutput): FieldError[] {
  const errors = numbers('log', { maxAge, maxBackup, maxSize }, 0);
  if (path !== undefined && !path.startsWith('/')) errors.push(invalid('log.path', path, 'must be an absolute path'));
  return errors;
}

function webhookErrors({ configFile, initialBackoff, batch = {}, truncate = {} }: AuditWebhookOutput): FieldError[] {
  const errors: FieldError[] = [];
  if (!configFile) errors.push(required('webhook.configFile'));
  else if (!configFile.startsWith('/'))
    errors.push(invalid('webhook.configFile', configFile, 'must be an absolute path'));
  const { bufferSize, maxSize, maxWait, throttleQPS, throttleBurst } = batch;
  const { maxEventSize, maxBatchSize } = truncate;
  const durations = { 'webhook.initialBackoff': initialBackoff, 'webhook.batch.maxWait': maxWait };
  for (const [field, value] of Object.entries(durations))
    if (value !== undefined && !((parseGoDuration(value) ?? -1) >= 0))
      errors.push(invalid(field, value, 'must be a duration'));
  errors.push(...numbers('webhook.batch', { bufferSize, maxSize, throttleQPS, throttleBurst }, Number.MIN_VALUE));
  errors.push(...numbers('webhook.truncate', { maxEventSize, maxBatchSize }, 1));
  return errors;
}

function numbers(field: string, values: Readonly<Record<string, number | undefined>>, least: number): FieldError[] {
  const what = least > 0 ? 'must be a positive number' : 'must not be negative';
  return Object.entries(values).flatMap(([name, value]) =>
    value === undefined || value >= least ? [] : [invalid(`${field}.${name}`, value, what)],
  );
}
