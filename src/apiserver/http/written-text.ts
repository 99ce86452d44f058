import { stringifyYaml } from '../../apimachinery/yaml.ts';

/** Forms that are made for people to read. */
export type TextForm = 'yaml' | 'pretty';

/** What stands before an item of a list in JSON that is pretty. */
const itemIndent = '    ';

/** A value as a whole answer. */
export function writtenText(value: unknown, form: TextForm): string {
  return form === 'yaml' ? stringifyYaml(value) : `${JSON.stringify(value, undefined, 2)}\n`;
}

/** The same value as an item of a list that is the last member of its object. */
export function writtenItem(value: unknown, form: TextForm): string {
  if (form === 'yaml') return stringifyYaml([value]);
  return itemIndent + JSON.stringify(value, undefined, 2).replaceAll('\n', `\n${itemIndent}`);
}
