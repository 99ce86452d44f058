import type { KubeObject } from '../apimachinery/object.ts';

/**
 * Writes core/v1 Events; equal ones are counted up instead of repeated (same object, reason, message, source). Never
 * throws.
 */
export interface EventRecorder {
  record(
    about: Readonly<KubeObject>,
    type: 'Normal' | 'Warning',
    reason: string,
    message: string,
    options?: { fieldPath?: string; related?: KubeObject; action?: string },
  ): void;
}
