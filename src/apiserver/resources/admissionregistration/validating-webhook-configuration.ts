import {
  ValidatingWebhookConfigurations,
  type ValidatingWebhookConfiguration,
} from '../../../api/admissionregistration/v1/types.ts';
import { ageOf } from '../../rest/cells.ts';
import type { ResourceDefinition } from '../../rest/resource.ts';
import type { Errors } from '../checks.ts';
import { checkWebhooks, fillWebhook } from './webhooks.ts';

/** Servers that may refuse what is written (dynamic admission control). */
export const validatingWebhookConfiguration: ResourceDefinition<ValidatingWebhookConfiguration> = {
  type: ValidatingWebhookConfigurations,

  strategy: {
    allowUnconditionalUpdate: false,
    hasGeneration: true,

    defaults({ webhooks = [] }) {
      for (const webhook of webhooks) fillWebhook(webhook);
    },

    validate({ webhooks }, old) {
      const errors: Errors = [];
      checkWebhooks(errors, webhooks, old && (old.webhooks ?? []));
      return errors;
    },
  },

  columns: {
    cells: (object, now) => [object.metadata.name, object.webhooks?.length ?? 0, ageOf(object, now)],
  },
};
