import type { AuditLevel } from './policy.ts';

/** Where events go. */
export type AuditPlugin = 'log' | 'webhook';

/** How much was recorded, and how much of it was lost. */
export class AuditTallies {
  readonly levels = new Map<AuditLevel, number>();
  readonly errors = new Map<AuditPlugin, number>();
  events = 0;

  event(): void {
    this.events++;
  }

  level(level: AuditLevel): void {
    this.levels.set(level, (this.levels.get(level) ?? 0) + 1);
  }

  /** So many events did not get to where they should. */
  lost(plugin: AuditPlugin, events: number): void {
    this.errors.set(plugin, (this.errors.get(plugin) ?? 0) + events);
  }
}
