import {
  any,
  each,
  either,
  entries,
  flag,
  inside,
  isReference,
  message,
  text,
  type Encode,
  type MessageTable,
} from './gnostic.ts';

/** Field numbers of gnostic's OpenAPIv3.proto, as far as our documents use it. */

const info: MessageTable = { fields: { title: [1, text], version: [6, text] } };

const reference: MessageTable = { fields: { $ref: [1, text] } };

/** DefaultType knows numbers, truth values and texts; other defaults have no place in it. */
const scalar: Encode = (writer, field, value) => {
  if (typeof value === 'number') writer.message(field, (nested) => nested.double(1, value));
  else if (typeof value === 'boolean') writer.message(field, (nested) => nested.bool(2, value));
  else if (typeof value === 'string') writer.message(field, (nested) => nested.string(3, value));
};

const schemaOrReference = orReference(() => schema);

function orReference(table: () => MessageTable): Encode {
  return either(
    isReference,
    inside(
      2,
      message(() => reference),
    ),
    inside(1, message(table)),
  );
}

const schema: MessageTable = {
  fields: {
    nullable: [1, flag],
    uniqueItems: [20, flag],
    required: [23, each(text)],
    enum: [24, each(any)],
    type: [25, text],
    allOf: [26, each(schemaOrReference)],
    oneOf: [27, each(schemaOrReference)],
    items: [30, inside(1, schemaOrReference)],
    properties: [31, inside(1, entries(schemaOrReference))],
    additionalProperties: [32, inside(1, schemaOrReference)],
    default: [33, scalar],
    description: [34, text],
    format: [35, text],
  },
  extensions: 36,
};

const mediaType: MessageTable = { fields: { schema: [1, schemaOrReference] } };
const content = inside(1, entries(message(() => mediaType)));

const requestBody: MessageTable = { fields: { description: [1, text], content: [2, content], required: [3, flag] } };
const response: MessageTable = { fields: { description: [1, text], content: [3, content] } };

const parameter: MessageTable = {
  fields: {
    name: [1, text],
    in: [2, text],
    description: [3, text],
    required: [4, flag],
    schema: [10, schemaOrReference],
  },
};
const parameters = each(orReference(() => parameter));

const operation: MessageTable = {
  fields: {
    tags: [1, each(text)],
    description: [3, text],
    operationId: [5, text],
    parameters: [6, parameters],
    requestBody: [7, orReference(() => requestBody)],
    responses: [8, inside(2, entries(orReference(() => response)))],
  },
  extensions: 13,
};
const operationMessage = message(() => operation);

const pathItem: MessageTable = {
  fields: {
    get: [4, operationMessage],
    put: [5, operationMessage],
    post: [6, operationMessage],
    delete: [7, operationMessage],
    options: [8, operationMessage],
    head: [9, operationMessage],
    patch: [10, operationMessage],
    parameters: [13, parameters],
  },
  extensions: 14,
};

const securityScheme: MessageTable = {
  fields: { type: [1, text], description: [2, text], name: [3, text], in: [4, text] },
};

const components: MessageTable = {
  fields: {
    schemas: [1, inside(1, entries(schemaOrReference))],
    securitySchemes: [7, inside(1, entries(orReference(() => securityScheme)))],
  },
};

export const openApi3Table: MessageTable = {
  fields: {
    openapi: [1, text],
    info: [2, message(() => info)],
    paths: [4, inside(1, entries(message(() => pathItem)))],
    components: [5, message(() => components)],
  },
  extensions: 9,
};
