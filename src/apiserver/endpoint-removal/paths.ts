/** Where the requests of docs/adr/0008 are. */
export const endpointRemovalRoot = '/kubeling/v1/';
