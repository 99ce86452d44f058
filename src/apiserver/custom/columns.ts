import type { CustomResourceColumnDefinition } from '../../api/apiextensions/v1/types.ts';
import type { ColumnFacts } from '../../api/resource-facts.ts';
import { goJson, goNumber } from '../../apimachinery/go-text.ts';
import { RawNumber } from '../../apimachinery/raw-number.ts';
import { parseTime } from '../../apimachinery/time.ts';
import { humanDuration } from '../../apimachinery/duration.ts';
import type { TableConvertor } from '../rest/resource.ts';
import { compileJsonPath, firstValue, someVisits } from './json-path.ts';

type Column = Readonly<CustomResourceColumnDefinition>;

const age: Column = { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp' };

/** The columns of a version as its definition has them, after the name; its age, where that has none. */
export function columnsOf(columns: readonly Column[] | undefined): readonly Column[] {
  return columns === undefined || columns.length === 0 ? [age] : columns;
}

export function columnFacts(columns: readonly Column[]): ColumnFacts[] {
  return [
    { name: 'Name', type: 'string', format: 'name', priority: 0 },
    ...columns.map(({ name, type, format = '', priority = 0, jsonPath, description }) => ({
      name,
      type,
      format,
      priority,
      ...(columns[0] === age
        ? {}
        : { description: description || `Custom resource definition column (in JSONPath format): ${jsonPath}` }),
    })),
  ];
}

export function tableOf(columns: readonly Column[]): TableConvertor {
  const cells = columns.map(({ type, jsonPath }) => ({ type, find: compileJsonPath(jsonPath) }));
  return {
    cells: (object, now) => {
      const visits = someVisits();
      return [
        object.metadata.name,
        ...cells.map(({ type, find }) => cellOf(find && firstValue(find, object, visits), type, now)),
      ];
    },
  };
}

type Cell = string | number | boolean | null;

function cellOf(value: unknown, type: string, now: number): Cell {
  if (value === undefined || value === null) return null;
  switch (type) {
    case 'string':
      return textOf(value);
    case 'integer':
      return isNumber(value) ? Math.trunc(Number(value)) : null;
    case 'number':
      return isNumber(value) ? Number(value) : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date': {
      if (typeof value !== 'string') return null;
      const time = parseTime(value);
      return time === undefined ? '<invalid>' : humanDuration(now - time);
    }
    default:
      return null;
  }
}

function isNumber(value: unknown): value is number | RawNumber {
  return typeof value === 'number' || value instanceof RawNumber;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return goNumber(value);
  return typeof value === 'object' ? goJson(value) : String(value);
}
