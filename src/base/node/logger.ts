import pino from 'pino';
import type { Logger } from '../logger.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export interface LoggerOptions {
  /** The least level that is written (default `info`). */
  readonly level?: LogLevel;
  /** Where lines go: a file descriptor or a path (default 2, standard error). */
  readonly destination?: number | string;
  /** Added to every line. */
  readonly fields?: Record<string, unknown>;
}

/** Names of fields whose values are never written, should one slip in. */
const secretFields = ['token', 'password', 'secret', 'authorization', 'privateKey', 'bearerToken'];

/** What is kept of lines that cannot be written yet. */
const mostWaitingBytes = 2 ** 20;

/** Writes one JSON object a line: time, level, message, fields. An Error under `error` is written with its stack. */
export function createLogger(options: LoggerOptions = {}): Logger {
  const destination = pino.destination({
    dest: options.destination ?? 2,
    sync: true,
    mkdir: true,
    maxLength: mostWaitingBytes,
  });
  // On a full disk programs go on without a log. Lines wait, and what is beyond the bound is lost.
  destination.on('error', () => {});
  const settings: pino.LoggerOptions = {
    level: options.level ?? 'info',
    base: null,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }) },
    serializers: { error: pino.stdSerializers.err },
    redact: { paths: [...secretFields, ...secretFields.map((name) => `*.${name}`)], censor: '[secret]' },
  };
  const logger = pino(settings, destination);
  return wrap(options.fields === undefined ? logger : logger.child(options.fields));
}

function wrap(logger: pino.Logger): Logger {
  return {
    debug: (message, fields) => logger.debug(fields ?? {}, message),
    info: (message, fields) => logger.info(fields ?? {}, message),
    warn: (message, fields) => logger.warn(fields ?? {}, message),
    error: (message, fields) => logger.error(fields ?? {}, message),
    with: (fields) => wrap(logger.child(fields)),
  };
}
