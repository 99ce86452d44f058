import type { Schema } from '../apimachinery/schema.ts';
import data from '../../facts/schema.json' with { type: 'json' };

/** Every API definition of Kubernetes 1.36 by its name, e.g. `io.k8s.api.core.v1.Pod`. */
export const schema: Schema = data as unknown as Schema;
