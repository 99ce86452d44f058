import { fits, rejects, type FilterStage, type SchedulerPlugin } from '../framework/plugin.ts';

const rejection = rejects(["node(s) didn't match the requested node name"], { evictionMayHelp: false });

/** Keeps a pod that names its node off all others. */
export const nodeName: SchedulerPlugin = {
  name: 'NodeName',
  retryOn: ['node-added', 'self-changed'],
  mayHelp: ({ pod }, change) => !('node' in change) || change.node.name === pod.spec.nodeName,
  filter: {
    prepare: ({ pod }) => pod.spec.nodeName || undefined,
    test: (wanted, { name }) => (name === wanted ? fits : rejection),
  } satisfies FilterStage<string>,
};
