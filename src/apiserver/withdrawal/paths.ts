/** Where the requests of docs/adr/0008 are. */
export const withdrawalRoot = '/kubeling/v1/';
