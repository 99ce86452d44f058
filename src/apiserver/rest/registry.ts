export { hasStatus, storageKey, type ServedVersion, type ServedVersion as Served } from '../catalog/served-version.ts';
