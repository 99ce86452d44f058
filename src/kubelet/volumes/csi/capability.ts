/** Wire values. */
const accessModes = {
  singleNodeWriter: 1,
  multiNodeReaderOnly: 3,
  multiNodeMultiWriter: 5,
  singleNodeSingleWriter: 6,
  singleNodeMultiWriter: 7,
} as const;

/** How a driver is told to have a volume used; `tellsWriters`: it knows one writer on a node from several. */
export function accessModeOf(mode: string | undefined, tellsWriters: boolean): number {
  switch (mode) {
    case 'ReadOnlyMany':
      return accessModes.multiNodeReaderOnly;
    case 'ReadWriteMany':
      return accessModes.multiNodeMultiWriter;
    case 'ReadWriteOncePod':
      return tellsWriters ? accessModes.singleNodeSingleWriter : accessModes.singleNodeWriter;
    default:
      return tellsWriters ? accessModes.singleNodeMultiWriter : accessModes.singleNodeWriter;
  }
}

/** Whether the kubelet gives what is in a volume to the pod's group. An inline volume has no access modes. */
export function takesGroup(
  policy: string = 'ReadWriteOnceWithFSType',
  fsType: string,
  modes: readonly string[] | undefined = ['ReadWriteOnce'],
): boolean {
  if (policy === 'None') return false;
  return policy === 'File' || (fsType !== '' && modes.some((mode) => mode.startsWith('ReadWriteOnce')));
}
