import type { AdmissionTallies } from '../admission/admission-tallies.ts';
import { headOf, histogramOf, labelsText } from './exposition.ts';

const ofPlugins = 'apiserver_admission_controller_admission_duration_seconds';
const ofSteps = 'apiserver_admission_step_admission_duration_seconds';

/** What `/metrics` shows of admission. */
export function admissionMetrics({ all }: AdmissionTallies): string {
  const plugins = [headOf(ofPlugins, 'histogram', 'Time that an admission plugin took, by operation and step')];
  const steps = [headOf(ofSteps, 'histogram', 'Time that a step of admission took, by operation')];
  for (const { name, type, operation, rejected, timings } of all) {
    const labels = labelsText({ ...(name !== undefined && { name }), operation, rejected, type });
    const [metric, lines] = name === undefined ? [ofSteps, steps] : [ofPlugins, plugins];
    lines.push(histogramOf(metric, labels, timings.bounds, timings));
  }
  return [...plugins, ...steps].join('');
}
