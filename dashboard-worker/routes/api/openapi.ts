/** The description of the API as OpenAPI 3.1, and as its documentation shows it: made of the schemas that check. */
import * as z from 'zod/mini';
import type { ApiOperation } from '../../views/models.ts';
import { type Operation, operations } from './operations.ts';
import { Problem, problemStatuses } from './problems.ts';

let made: object | null = null;

/** Made once: it takes some milliseconds, and is always the same. */
export function openApi(): object {
  made ??= {
    openapi: '3.1.0',
    info: {
      title: 'Stairgate',
      version: '1',
      description:
        'Instants are milliseconds since the Unix epoch, UTC. Dates are YYYY-MM-DD in the zone of the setting.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ key: [] }],
    paths: pathsOf(operations),
    components: {
      schemas: { Problem: schemaOf(Problem) },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key, made under Account > Keys for other programs.' },
      },
    },
  };
  return made;
}

/** For people. */
export function describeOperations(): ApiOperation[] {
  const text = (schema: z.ZodMiniType | null) => (schema === null ? null : JSON.stringify(schemaOf(schema), null, 2));
  return operations.map(({ method, path, scope, summary, query, body, answer }) => ({
    ...{ method, scope, summary },
    path: addressOf(path),
    query: text(query),
    body: text(body),
    answer: JSON.stringify(schemaOf(answer), null, 2),
  }));
}

function pathsOf(all: readonly Operation[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const one of all) {
    const address = `/settings/{setting}${addressOf(one.path)}`;
    paths[address] = { ...paths[address], [one.method.toLowerCase()]: describe(one, address) };
  }
  return paths;
}

function describe({ name, summary, scope, query, body, answer, status }: Operation, address: string): object {
  const inPath = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const problems = problemStatuses.map((code) => [
    String(code),
    {
      description: 'A problem',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  return {
    operationId: name,
    summary,
    description: `Needs a key with the right “${scope}”.`,
    parameters: [...inPath, ...queryParameters(query)],
    ...(body !== null && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: {
      [String(status)]: {
        description: 'Done',
        content: { 'application/json': { schema: schemaOf(answer, 'output') } },
      },
      ...Object.fromEntries(problems),
    },
  };
}

function queryParameters(query: z.ZodMiniType | null): object[] {
  if (query === null) return [];
  const { properties = {}, required = [] } = schemaOf(query);
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: 'query',
    required: required.includes(name),
    schema,
  }));
}

function schemaOf(schema: z.ZodMiniType, io: 'input' | 'output' = 'input') {
  // The dialect is OpenAPI's own for the whole document.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}

/** "/grants/{id}/end". */
function addressOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}
