import {
  FlowSchemas,
  PriorityLevelConfigurations,
  type FlowSchema,
  type FlowSchemaCondition,
  type PriorityLevelConfiguration,
} from '../../api/flowcontrol/v1/types.ts';
import { rfc3339 } from '../../apimachinery/time.ts';
import { settled, type Controller } from '../../reconciler/controller.ts';

/** Says of each FlowSchema whether the priority level that it names is there (API priority and fairness, `Dangling`). */
export const danglingSchemas: Controller<FlowSchema> = {
  name: 'flow-schema-status-controller',
  identity: 'system:kubeling-flow-schema-status',
  for: FlowSchemas,
  watches: [
    {
      type: PriorityLevelConfigurations,
      wakes: ({ metadata }: Readonly<PriorityLevelConfiguration>, cluster) =>
        cluster
          .list(FlowSchemas)
          .filter(({ spec }) => spec.priorityLevelConfiguration.name === metadata.name)
          .map((schema) => ({ name: schema.metadata.name })),
    },
  ],

  async reconcile({ name }, cluster) {
    const schema = cluster.get(FlowSchemas, { name });
    if (schema === undefined) return settled;
    const level = schema.spec.priorityLevelConfiguration.name;
    const isThere = cluster.get(PriorityLevelConfigurations, { name: level }) !== undefined;
    const { conditions = [] } = schema.status ?? {};
    const before = conditions.find(({ type }) => type === 'Dangling');
    const status = isThere ? 'False' : 'True';
    const named = `This FlowSchema references the PriorityLevelConfiguration object named ${JSON.stringify(level)}`;
    const condition: FlowSchemaCondition = {
      type: 'Dangling',
      status,
      lastTransitionTime: before?.status === status ? before.lastTransitionTime! : rfc3339(cluster.clock.now()),
      reason: isThere ? 'Found' : 'NotFound',
      message: `${named} ${isThere ? 'and it exists' : 'but there is no such object'}`,
    };
    const others = conditions.filter(({ type }) => type !== 'Dangling');
    await cluster.updateStatus(FlowSchemas, schema, { ...schema.status, conditions: [...others, condition] });
    return settled;
  },
};
