import type { Node } from '../../api/core/v1/types.ts';
import { servesIngresses } from './serving-condition.ts';

/** Where clients reach an Ingress: the addresses of the nodes that are ready and say that nginx runs there. Sorted. */
export function ingressAddresses(nodes: readonly Readonly<Node>[]): string[] {
  return nodes.filter(serves).flatMap(addressOf).sort(byNumbers);
}

/**
 * The node that writes for all: the first that is ready, by name; where none is, the first. All nodes come to the same
 * one, so no election is needed: for as long as their views differ, two write the same.
 */
export function writerOf(nodes: readonly Readonly<Node>[]): string | undefined {
  const ready = nodes.filter(isReady);
  return (ready.length > 0 ? ready : nodes).map(({ metadata }) => metadata.name).sort()[0];
}

/** Whether the change of a node can matter to {@link ingressAddresses} or {@link writerOf}. */
export function matters(now: Readonly<Node>, before: Readonly<Node> | undefined): boolean {
  if (before === undefined) return true;
  return (
    isReady(now) !== isReady(before) || serves(now) !== serves(before) || addressOf(now)[0] !== addressOf(before)[0]
  );
}

/** What a node said of its nginx stays when it is lost; that it is not ready is then said by others. */
function serves(node: Readonly<Node>): boolean {
  return isReady(node) && servesIngresses(node);
}

function isReady({ status, metadata }: Readonly<Node>): boolean {
  if (metadata.deletionTimestamp !== undefined) return false;
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false;
}

function addressOf({ status }: Readonly<Node>): string[] {
  const address = status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  return address === undefined ? [] : [address];
}

function byNumbers(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}
