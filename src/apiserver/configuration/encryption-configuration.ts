import type { EncryptionConfiguration } from '../encryption/configuration.ts';
import { validateEncryptionConfiguration } from '../encryption/validate-configuration.ts';
import { typeFields, type ConfigurationKind } from './configuration-kind.ts';

const keys = { fields: { keys: { array: { ref: 'Key' } } } } as const;

/** How objects are encrypted in the store. */
export const encryptionConfiguration: ConfigurationKind<EncryptionConfiguration> = {
  kind: 'EncryptionConfiguration',
  apiVersions: ['apiserver.config.k8s.io/v1'],
  schema: {
    EncryptionConfiguration: { fields: { ...typeFields, resources: { array: { ref: 'ResourceConfiguration' } } } },
    ResourceConfiguration: {
      fields: { resources: { array: { type: 'string' } }, providers: { array: { ref: 'ProviderConfiguration' } } },
    },
    ProviderConfiguration: {
      fields: {
        aesgcm: { ref: 'Keys' },
        aescbc: { ref: 'Keys' },
        secretbox: { ref: 'Keys' },
        identity: { ref: 'IdentityConfiguration' },
        kms: { ref: 'KMSConfiguration' },
      },
    },
    Keys: keys,
    Key: { fields: { name: { type: 'string' }, secret: { type: 'string' } } },
    IdentityConfiguration: { fields: {} },
    KMSConfiguration: {
      fields: {
        apiVersion: { type: 'string' },
        name: { type: 'string' },
        cachesize: { type: 'integer' },
        endpoint: { type: 'string' },
        timeout: { type: 'string' },
      },
    },
  },
  validate: validateEncryptionConfiguration,
};
