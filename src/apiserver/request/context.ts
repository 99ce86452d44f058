import type { UserInfo } from '../auth/auth.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { AuditNotes } from './audit.ts';
import type { Target } from './target.ts';

/** Whoever answers a request, and what it works with: the same for HTTP, upgrades and callers in this process. */
export interface RequestContext<T extends Target = Target> {
  readonly target: T;
  /** Who sent it. */
  readonly sender: UserInfo;
  /** As whom it is carried out; the sender, unless he impersonates. */
  readonly user: UserInfo;
  /** What is served, as it was when the request came. */
  readonly catalog: Catalog;
  /** The client's own, or a new one. */
  readonly auditId: string | undefined;
  readonly userAgent: string;
  /** Texts for the `Warning` header. */
  readonly warnings: string[];
  /** Notes what audit is told; absent where nobody hears of it. */
  readonly audited: AuditNotes | undefined;
}
