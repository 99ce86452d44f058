import { CSINodes, type CSINode, type CSINodeDriver } from '../../../api/storage/v1/types.ts';
import { semanticEqual } from '../../../apimachinery/equality.ts';
import { duplicate, invalid, required } from '../../../apimachinery/validation.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import { checkNonNegative, checkQualifiedName, immutableField, type Errors } from '../checks.ts';
import { checkCsiDriverName } from '../core/pod-spec/remote-disks.ts';
import { internalForm } from '../core/pod/internal-form.ts';

const longestId = 256;

/** The drivers on a node, written by its agent (CSI). The name is the node's. */
export const csiNode: ResourceDefinition<CSINode> = {
  type: CSINodes,

  strategy: {
    returnDeletedObject: true,
    allowUnconditionalUpdate: false,
    hasGeneration: false,

    validate({ spec }, old) {
      const errors: Errors = [];
      const drivers = spec.drivers ?? [];
      const names = new Set<string>();
      drivers.forEach((driver, i) => checkDriver(errors, driver, names, `spec.drivers[${i}]`));
      for (const before of old?.spec.drivers ?? [])
        for (const now of drivers)
          if (now.name === before.name && !semanticEqual(withoutRoom(now), withoutRoom(before)))
            errors.push(invalid('spec.drivers', internalForm(withoutRoom(now), 'CSINodeDriver'), immutableField));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, object.spec.drivers?.length ?? 0, ageOf(object, now)],
  },
};

/** What stays as it is; how many volumes there is room for may change. */
function withoutRoom({ allocatable: _, ...rest }: Readonly<CSINodeDriver>): CSINodeDriver {
  return rest;
}

function checkDriver(errors: Errors, driver: Readonly<CSINodeDriver>, names: Set<string>, field: string): void {
  const { name = '', nodeID = '', allocatable, topologyKeys } = driver;
  checkCsiDriverName(errors, name, `${field}.name`);
  if (nodeID === '') errors.push(required(`${field}.nodeID`));
  if (nodeID.length > longestId)
    errors.push(invalid(`${field}.nodeID`, nodeID, `must be ${longestId} characters or less`));
  checkNonNegative(errors, `${field}.allocatable.count`, allocatable?.count);
  if (names.has(name)) errors.push(duplicate(`${field}.name`, name));
  names.add(name);
  (topologyKeys ?? []).forEach((key, i, keys) => {
    if (key === '') errors.push(required(field));
    if (keys.indexOf(key) < i) errors.push(duplicate(field, key));
    checkQualifiedName(errors, field, key);
  });
}
