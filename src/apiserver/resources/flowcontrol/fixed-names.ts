/** Of each kind of flow control these two have to be as they are. */
export const fixedNames: ReadonlySet<string> = new Set(['exempt', 'catch-all']);
