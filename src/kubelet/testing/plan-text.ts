import type { PodPlan, PodStep } from '../pods/situation.ts';

/** A plan as tables of tests show it: a line for each step, when it is looked at again in seconds, and how it ended. */
export function planText({ steps, wakeAt, outcome }: PodPlan): string[] {
  return [
    ...steps.map(stepText),
    ...(wakeAt === undefined ? [] : [`wake at ${wakeAt / 1000}`]),
    ...(outcome === 'running' ? [] : [outcome]),
  ];
}

function stepText(step: PodStep): string {
  switch (step.do) {
    case 'prepare':
      return 'prepare';
    case 'resize':
      return 'resize';
    case 'create-sandbox':
      return `create-sandbox ${step.attempt}`;
    case 'start-container':
      return `start ${step.name} ${step.attempt}`;
    case 'announce-back-off':
      return `announce ${step.name}`;
    case 'show-back-off':
      return `show ${step.name} ${step.delayMs / 1000}`;
    case 'kill-container':
      return `kill ${step.name}: ${step.message}, by ${step.deadline / 1000}`;
    case 'stop-container':
      return `stop ${step.name} by ${step.deadline / 1000}`;
    default:
      return `${step.do} ${step.id}`;
  }
}
