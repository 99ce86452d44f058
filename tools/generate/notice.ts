/** The first lines of every generated file. */
export const generatedNotice = '// Generated from facts/ by `npm run generate`. Do not edit.\n';
