import { any, each, either, entries, flag, inside, message, text, type MessageTable } from './gnostic.ts';

/** Field numbers of gnostic's OpenAPIv2.proto, as far as our documents use it. */

const info: MessageTable = { fields: { title: [1, text], version: [2, text] } };

const schema: MessageTable = {
  fields: {
    $ref: [1, text],
    format: [2, text],
    description: [4, text],
    required: [19, each(text)],
    enum: [20, each(any)],
    additionalProperties: [
      21,
      inside(
        1,
        message(() => schema),
      ),
    ],
    type: [22, inside(1, text)],
    items: [
      23,
      inside(
        1,
        message(() => schema),
      ),
    ],
    properties: [25, inside(1, entries(message(() => schema)))],
  },
  extensions: 31,
};

const bodyParameter: MessageTable = {
  fields: {
    description: [1, text],
    name: [2, text],
    in: [3, text],
    required: [4, flag],
    schema: [5, message(() => schema)],
  },
};

const pathParameter: MessageTable = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [5, text],
    uniqueItems: [19, flag],
  },
};

const queryParameter: MessageTable = {
  fields: {
    required: [1, flag],
    in: [2, text],
    description: [3, text],
    name: [4, text],
    type: [6, text],
    uniqueItems: [20, flag],
  },
};

/** ParametersItem → Parameter → body, or NonBodyParameter → query or path. */
const parameter = inside(
  1,
  either(
    isIn('body'),
    inside(
      1,
      message(() => bodyParameter),
    ),
    inside(
      2,
      either(
        isIn('query'),
        inside(
          3,
          message(() => queryParameter),
        ),
        inside(
          4,
          message(() => pathParameter),
        ),
      ),
    ),
  ),
);

function isIn(place: string): (value: unknown) => boolean {
  return (value) => (value as { in: string }).in === place;
}

const response: MessageTable = {
  fields: {
    description: [1, text],
    schema: [
      2,
      inside(
        1,
        message(() => schema),
      ),
    ],
  },
};

const operation: MessageTable = {
  fields: {
    tags: [1, each(text)],
    description: [3, text],
    operationId: [5, text],
    produces: [6, each(text)],
    consumes: [7, each(text)],
    parameters: [8, each(parameter)],
    responses: [
      9,
      inside(
        1,
        entries(
          inside(
            1,
            message(() => response),
          ),
        ),
      ),
    ],
    schemes: [10, each(text)],
  },
  extensions: 13,
};

const operationMessage = message(() => operation);

const pathItem: MessageTable = {
  fields: {
    get: [2, operationMessage],
    put: [3, operationMessage],
    post: [4, operationMessage],
    delete: [5, operationMessage],
    options: [6, operationMessage],
    head: [7, operationMessage],
    patch: [8, operationMessage],
    parameters: [9, each(parameter)],
  },
  extensions: 10,
};

const apiKey: MessageTable = { fields: { type: [1, text], name: [2, text], in: [3, text], description: [4, text] } };

export const openApi2Table: MessageTable = {
  fields: {
    swagger: [1, text],
    info: [2, message(() => info)],
    paths: [8, inside(2, entries(message(() => pathItem)))],
    definitions: [9, inside(1, entries(message(() => schema)))],
    security: [12, each(inside(1, entries(message(() => ({ fields: {} })))))],
    securityDefinitions: [
      13,
      inside(
        1,
        entries(
          inside(
            2,
            message(() => apiKey),
          ),
        ),
      ),
    ],
  },
  extensions: 16,
};
