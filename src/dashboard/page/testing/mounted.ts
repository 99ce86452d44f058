import { h, options, render, type ComponentType } from 'preact';
import { nextTurn } from '../../../base/turn.ts';
import './load-tsx.ts';
import { installDocument, newRoot, type SmallElement } from './small-document.ts';

installDocument();
// There is nothing to be painted, which effects would wait for.
options.requestAnimationFrame = queueMicrotask;

export interface Mounted extends Disposable {
  readonly root: SmallElement;
  /** The text of all that is there, with one blank where there are several. */
  text(): string;
}

/** Draws a component, with what it does after it is drawn. */
export async function mounted<P extends object>(component: ComponentType<P>, props: P): Promise<Mounted> {
  const root = newRoot();
  render(h(component, props), root as unknown as Element);
  await settled();
  return {
    root,
    text: () => root.textContent.replace(/\s+/g, ' ').trim(),
    [Symbol.dispose]: () => render(null, root as unknown as Element),
  };
}

/** Waits until what has changed is drawn: Preact gathers changes in one turn, and does the rest in the next ones. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await nextTurn();
}
