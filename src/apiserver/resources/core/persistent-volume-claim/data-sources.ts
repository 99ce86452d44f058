import type { PersistentVolumeClaimSpec } from '../../../../api/core/v1/types.ts';

type Spec = PersistentVolumeClaimSpec;

/** Sources in other namespaces are a feature that is off: they are dropped where there was none before. */
export function dropSourcesElsewhere(spec: Spec, old?: Readonly<Spec>): void {
  if (spec.dataSourceRef?.namespace && old?.dataSourceRef === undefined) delete spec.dataSourceRef;
}

/** In `dataSource` nothing but claims and snapshots has a meaning; the rest is dropped, as always (KEP-1495). */
export function dropOddSource(spec: Spec, old?: Readonly<Spec>): void {
  const { dataSource } = spec;
  if (dataSource === undefined || spec.dataSourceRef !== undefined) return;
  if (old?.dataSource !== undefined || old?.dataSourceRef !== undefined) return;
  const { kind, apiGroup } = dataSource;
  const isClaim = kind === 'PersistentVolumeClaim' && !apiGroup;
  if (!isClaim && !(kind === 'VolumeSnapshot' && apiGroup === 'snapshot.storage.k8s.io')) delete spec.dataSource;
}

/** Old clients know `dataSource`, new ones `dataSourceRef`: who sets one, sets both. */
export function alignSources(spec: Spec): void {
  const { dataSource, dataSourceRef } = spec;
  if (dataSource !== undefined && dataSourceRef === undefined) spec.dataSourceRef = { ...dataSource };
  else if (dataSourceRef !== undefined && dataSource === undefined && !dataSourceRef.namespace) {
    const { namespace: _, ...local } = dataSourceRef;
    spec.dataSource = local;
  }
}
