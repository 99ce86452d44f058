import { parseGoDuration } from '../apimachinery/duration.ts';
import { AuditTallies } from '../apiserver/audit/audit-tallies.ts';
import { AuditTrail, type AuditBackend } from '../apiserver/audit/audit-trail.ts';
import { policyEvaluator } from '../apiserver/audit/evaluate-policy.ts';
import { LogBackend } from '../apiserver/audit/log-backend.ts';
import { RotatingFile } from '../apiserver/audit/rotating-file.ts';
import { usualWebhook, WebhookBackend, type WebhookSettings } from '../apiserver/audit/webhook-backend.ts';
import type { AuditLogOutput, AuditWebhookOutput } from '../apiserver/configuration/audit-output.ts';
import type { ApiConfiguration } from '../apiserver/configuration/kinds.ts';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { openAuditWebhook } from './audit-webhook.ts';

const bytesOfMegabyte = 2 ** 20;
const msOfDay = 86_400_000;

export interface AuditSources {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Logger;
  /** The file of events where the configuration does not say one. */
  readonly logFile: string;
}

/** What records requests as the configuration says; `undefined` where it has no policy. To be disposed after the server. */
export async function openAudit(
  { auditPolicy, auditOutput }: ApiConfiguration,
  sources: AuditSources,
): Promise<AuditTrail | undefined> {
  if (auditPolicy === undefined) return undefined;
  const { clock, random } = sources;
  const tallies = new AuditTallies();
  const { webhook } = auditOutput ?? {};
  const log = auditOutput?.log ?? (webhook === undefined ? {} : undefined);
  const backends: AuditBackend[] = [];
  if (log !== undefined) backends.push(logBackend(log, sources, tallies));
  if (webhook !== undefined) backends.push(await webhookBackend(webhook, sources, tallies));
  return new AuditTrail({ evaluate: policyEvaluator(auditPolicy), backends, tallies, clock, random });
}

function logBackend(output: AuditLogOutput, { clock, log, logFile }: AuditSources, tallies: AuditTallies): LogBackend {
  const { path = logFile, maxAge = 366, maxBackup = 100, maxSize = 100, compress = false } = output;
  const rotation = {
    mostBytes: maxSize * bytesOfMegabyte,
    mostBackups: maxBackup,
    longestMs: maxAge * msOfDay,
    compress,
  };
  return new LogBackend(new RotatingFile(path, rotation, clock), { tallies, log });
}

async function webhookBackend(
  { configFile, initialBackoff, batch = {}, truncate = {} }: AuditWebhookOutput,
  { clock, random, log }: AuditSources,
  tallies: AuditTallies,
): Promise<WebhookBackend> {
  const duration = (text: string | undefined, usual: number) => (text === undefined ? usual : parseGoDuration(text)!);
  const { bufferSize, maxSize, maxWait, throttleEnable = true } = batch;
  const { enabled = false, maxEventSize = 100 * 1024, maxBatchSize = 10 * 2 ** 20 } = truncate;
  const settings: WebhookSettings = {
    bufferSize: bufferSize ?? usualWebhook.bufferSize,
    maxSize: maxSize ?? usualWebhook.maxSize,
    maxWaitMs: duration(maxWait, usualWebhook.maxWaitMs),
    initialBackoffMs: duration(initialBackoff, usualWebhook.initialBackoffMs),
    ...(throttleEnable && {
      throttle: { perSecond: batch.throttleQPS ?? 10, burst: batch.throttleBurst ?? 15 },
    }),
    ...(enabled && { truncate: { maxEventBytes: maxEventSize, maxBatchBytes: maxBatchSize } }),
  };
  const send = await openAuditWebhook(configFile);
  return new WebhookBackend(settings, { send, clock, random, tallies, log });
}
