import {
  fieldSelectorText,
  parseFieldSelector,
  type FieldSelector,
} from '../../apimachinery/selectors/field-selector.ts';
import { parseLabelSelector, type LabelMatcher } from '../../apimachinery/selectors/label-selector.ts';
import { refused } from '../../apimachinery/status.ts';

/**
 * The selectors of a request about many objects. Each text is read once, by one parser, so that what authorization takes
 * from it is what the list does.
 */
export class Selectors {
  /** Empty: all objects. */
  readonly labelText: string;
  readonly fieldText: string;
  #labels: LabelMatcher | undefined;
  #fields: FieldSelector | undefined;

  constructor(labelText: string, fieldText: string) {
    this.labelText = labelText;
    this.fieldText = fieldText;
  }

  /** Throws BadRequest for a text that cannot be read. */
  get labels(): LabelMatcher {
    return (this.#labels ??= parsed(() => parseLabelSelector(this.labelText)));
  }

  /** Throws BadRequest for a text that cannot be read. */
  get fields(): FieldSelector {
    return (this.#fields ??= parsed(() => parseFieldSelector(this.fieldText)));
  }

  /** The one value that is demanded of a field, if one is. A selector that cannot be read demands nothing. */
  exactly(field: string): string | undefined {
    if (this.fieldText === '') return undefined;
    try {
      return this.fields.requirements.find((one) => one.field === field && one.operator === '=')?.value;
    } catch {
      return undefined;
    }
  }

  /** The same, and only the object of this name. */
  withName(name: string): Selectors {
    const requirements = [{ field: 'metadata.name', operator: '=', value: name } as const];
    return new Selectors(this.labelText, fieldSelectorText({ requirements }));
  }
}

export const noSelectors = new Selectors('', '');

function parsed<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw refused.badRequest(error instanceof Error ? error.message : String(error));
  }
}
