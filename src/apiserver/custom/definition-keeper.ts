import { CustomResourceDefinitions, type CustomResourceDefinition } from '../../api/apiextensions/v1/types.ts';
import type { KubeList, KubeObject } from '../../apimachinery/object.ts';
import type { Transport } from '../../apimachinery/request.ts';
import { isStatus } from '../../apimachinery/status.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ServerContext } from '../context.ts';
import { cleanupFinalizer } from '../resources/apiextensions/custom-resource-definition.ts';
import { isTrue, withCondition, type NewCondition } from '../resources/apiextensions/conditions.ts';
import type { CustomKinds } from './custom-kinds.ts';
import { withStatus } from './definition-status.ts';

type Definition = Readonly<CustomResourceDefinition>;

/** How often it is looked whether the objects of a deleted kind are gone, at first and at most. */
const firstLookMs = 20;
const longestLookMs = 5000;
/** How long until their definition tells that they are not. */
const patienceMs = 60_000;

export interface KeeperSources {
  readonly clock: Clock;
  readonly log: Logger;
  /** As the server itself. */
  readonly own: Transport;
  readonly context: ServerContext;
  readonly kinds: Pick<CustomKinds, 'isTaken' | 'serves'>;
}

/**
 * Gives definitions their names and conditions, and deletes the objects of those that are deleted. A part of the server,
 * as upstream: a definition is established by whoever serves its kind.
 */
export class DefinitionKeeper implements AsyncDisposable {
  readonly #sources: KeeperSources;
  readonly #stop = new AbortController();
  readonly #waiting = new Set<string>();
  /** The names of the definitions of each group. */
  readonly #groups = new Map<string, Set<string>>();
  readonly #deleting = new Map<string, Promise<void>>();
  #work: Promise<void> | undefined;

  constructor(sources: KeeperSources) {
    this.#sources = sources;
  }

  start(): void {
    this.#sources.context.follow(CustomResourceDefinitions, (now, before) => {
      this.#note(now, before);
      if (now !== undefined) this.#look(now.metadata.name);
      // A name that is free again may be what others wait for.
      else if (before !== undefined) for (const one of this.#groupOf(before)) this.#look(one.metadata.name);
    });
  }

  #look(name: string): void {
    this.#waiting.add(name);
    this.#work ??= this.#run();
  }

  /** One after the other, so that two never get the same name. */
  async #run(): Promise<void> {
    // The commit that told of it is still being shown to others.
    await Promise.resolve();
    for (const name of this.#waiting) {
      if (this.#stop.signal.aborted) break;
      this.#waiting.delete(name);
      try {
        await this.#settle(name);
      } catch (error) {
        if (isStatus(error, 'NotFound', 'Conflict')) continue;
        this.#sources.log.warn('The status of a definition cannot be written', {
          name,
          error: (error as Error).message,
        });
        void this.#later(name);
      }
    }
    this.#work = undefined;
  }

  async #later(name: string): Promise<void> {
    await this.#sources.clock.sleep(longestLookMs, this.#stop.signal).then(
      () => this.#look(name),
      () => undefined,
    );
  }

  async #settle(name: string): Promise<void> {
    const { context, kinds } = this.#sources;
    const definition = this.#current(name);
    if (definition === undefined) return;
    const { deletionTimestamp, finalizers } = definition.metadata;
    if (deletionTimestamp !== undefined && finalizers?.includes(cleanupFinalizer)) return this.#beginDeletion(name);
    const others = this.#groupOf(definition).filter((one) => one.metadata.name !== name);
    const next = withStatus(definition, others, context.clock.now(), kinds.isTaken(definition));
    if (next === definition) return;
    await this.#write(next);
    // Others may have waited for a name that it has let go.
    for (const one of others) if (!isTrue(one, 'NamesAccepted')) this.#waiting.add(one.metadata.name);
  }

  #beginDeletion(name: string): void {
    if (this.#deleting.has(name)) return;
    const running = this.#deleteObjects(name).finally(() => this.#deleting.delete(name));
    this.#deleting.set(name, running);
  }

  async #deleteObjects(name: string): Promise<void> {
    const { log } = this.#sources;
    for (let tries = 0; !this.#stop.signal.aborted; tries++) {
      try {
        if (await this.#tryDeletion(name)) return;
      } catch (error) {
        if (isStatus(error, 'NotFound')) return;
        if (this.#stop.signal.aborted) return;
        if (!isStatus(error, 'Conflict'))
          log.warn('The objects of a definition cannot be deleted', { name, error: (error as Error).message });
      }
      if (tries > 0) await this.#sources.clock.sleep(longestLookMs, this.#stop.signal).catch(() => undefined);
    }
  }

  /** Whether the definition has been let go. */
  async #tryDeletion(name: string): Promise<boolean> {
    const terminating = (reason: string, message: string, status = 'True'): NewCondition => ({
      type: 'Terminating',
      status,
      reason,
      message,
    });
    const begun = this.#current(name);
    if (begun === undefined || !begun.metadata.finalizers?.includes(cleanupFinalizer)) return true;
    await this.#write(
      this.#with(begun, terminating('InstanceDeletionInProgress', 'CustomResource deletion is in progress')),
    );
    let outcome = terminating('NeverEstablished', 'resource was never established', 'False');
    // What is served in its place by somebody else has nothing to do with it.
    if (this.#sources.kinds.serves(begun)) {
      const problem = await this.#empty(begun);
      if (problem !== undefined) {
        const now = this.#current(name);
        if (now === undefined) return true;
        await this.#write(this.#with(now, terminating(problem.reason, problem.message)));
        return false;
      }
      outcome = terminating('InstanceDeletionCompleted', 'removed all instances', 'False');
    }
    const last = this.#current(name);
    if (last === undefined) return true;
    const finalizers = (last.metadata.finalizers ?? []).filter((one) => one !== cleanupFinalizer);
    await this.#write(this.#with({ ...last, metadata: { ...last.metadata, finalizers } }, outcome));
    return true;
  }

  /** Deletes all objects of a kind and waits until they are gone. Answers why they are not. */
  async #empty({
    spec,
    status,
  }: Definition): Promise<{ readonly reason: string; readonly message: string } | undefined> {
    const { own, clock } = this.#sources;
    const names = status?.acceptedNames ?? spec.names;
    const shown = spec.versions.filter(({ served }) => served);
    // Whoever converts need not be asked about what is stored in this version.
    const version = (shown.find(({ storage }) => storage) ?? shown[0])?.name;
    if (version === undefined) return undefined;
    const type = {
      group: spec.group,
      version,
      kind: names.kind,
      resource: spec.names.plural,
      singular: names.singular ?? '',
      namespaced: spec.scope === 'Namespaced',
      definition: '',
    };
    const left = async () => (await own.call({ verb: 'list', type })) as KubeList<KubeObject>;
    const first = await left();
    const namespaces = new Set(first.items.map(({ metadata }) => metadata.namespace));
    for (const namespace of namespaces)
      await own.call({ verb: 'deletecollection', type, ...(namespace === undefined ? {} : { namespace }) });
    let waited = 0;
    for (let pause = firstLookMs; ; pause = Math.min(2 * pause, longestLookMs)) {
      if ((await left()).items.length === 0) return undefined;
      if (waited > patienceMs)
        return {
          reason: 'InstanceDeletionCheck',
          message: 'could not confirm zero CustomResources remaining: timed out waiting for the condition',
        };
      await clock.sleep(pause, this.#stop.signal);
      waited += pause;
    }
  }

  #with(definition: Definition, condition: NewCondition): Definition {
    const conditions = withCondition(definition.status?.conditions, condition, this.#sources.context.clock.now());
    return { ...definition, status: { ...definition.status, conditions } };
  }

  #current(name: string): Definition | undefined {
    return this.#sources.context.lookup(CustomResourceDefinitions, { name });
  }

  #note(now: Definition | undefined, before: Definition | undefined): void {
    const { metadata, spec } = (now ?? before)!;
    const names = this.#groups.get(spec.group) ?? new Set();
    if (now === undefined) names.delete(metadata.name);
    else names.add(metadata.name);
    if (names.size === 0) this.#groups.delete(spec.group);
    else this.#groups.set(spec.group, names);
  }

  #groupOf({ spec }: Definition): Definition[] {
    return Array.from(this.#groups.get(spec.group) ?? [], (name) => this.#current(name) ?? []).flat();
  }

  async #write(definition: Definition): Promise<void> {
    const { name } = definition.metadata;
    await this.#sources.own.call({
      verb: 'update',
      type: CustomResourceDefinitions,
      name,
      subresource: 'status',
      body: definition,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#work;
    await Promise.all(this.#deleting.values());
  }
}
