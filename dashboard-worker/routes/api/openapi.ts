/** The description of the API as OpenAPI 3.1, and as its documentation shows it: made of the schemas that check. */
import * as z from 'zod/mini';
import { type ApiMatter, type ApiOperation, apiMatters } from '../../views/models.ts';
import type { Operation } from './operation.ts';
import { operations, operationsByMatter } from './operations.ts';
import { Problem, type ProblemStatus, titleOf } from './problems.ts';

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
    tags: apiMatters.map((name) => ({ name })),
    paths: pathsOf(),
    components: {
      schemas: { Problem: schemaOf(Problem, 'output') },
      securitySchemes: {
        key: { type: 'http', scheme: 'bearer', description: 'A key, made under Account > Keys for other programs.' },
      },
    },
  };
  return made;
}

/** For people. */
export function describeOperations(): Readonly<Record<ApiMatter, readonly ApiOperation[]>> {
  const described = apiMatters.map((matter) => [matter, describeForPeople(operationsByMatter[matter])]);
  return Object.fromEntries(described) as Record<ApiMatter, ApiOperation[]>;
}

function describeForPeople(all: readonly Operation[]): ApiOperation[] {
  const text = (schema: z.ZodMiniType | null) => (schema === null ? null : JSON.stringify(schemaOf(schema), null, 2));
  return all.map(({ method, path, scope, summary, query, body, answer }) => ({
    ...{ method, scope, summary },
    path: addressOf(path),
    query: text(query),
    body: text(body),
    answer: isTypes(answer) ? answer.join(', ') : JSON.stringify(schemaOf(answer, 'output'), null, 2),
  }));
}

/** What may come instead of what was asked for, whatever the operation; the statuses that it can have by its kind. */
function problemsOf({ method, path, query, body }: Operation): ProblemStatus[] {
  const writes = method !== 'GET';
  const possible: Readonly<Record<ProblemStatus, boolean>> = {
    400: body !== null || method === 'POST',
    401: true,
    403: true,
    404: true,
    405: false,
    409: method === 'POST',
    412: writes,
    413: writes,
    415: body !== null,
    422: writes || query !== null,
    428: method === 'PUT' && operations.some((other) => other.method === 'GET' && other.path === path),
    429: true,
    500: true,
  };
  return (Object.keys(possible).map(Number) as ProblemStatus[]).filter((status) => possible[status]);
}

function pathsOf(): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const matter of apiMatters) {
    for (const one of operationsByMatter[matter]) {
      const address = `/settings/{setting}${addressOf(one.path)}`;
      paths[address] = { ...paths[address], [one.method.toLowerCase()]: describe(one, address, matter) };
    }
  }
  return paths;
}

function describe(one: Operation, address: string, matter: ApiMatter): object {
  const { name, summary, scope, query, body, answer, status } = one;
  const inPath = [...address.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => ({
    name: parameter,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const problems = problemsOf(one).map((code) => [
    String(code),
    {
      description: titleOf(code),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  ]);
  const content = isTypes(answer)
    ? Object.fromEntries(answer.map((type) => [type, { schema: { type: 'string' } }]))
    : { 'application/json': { schema: schemaOf(answer, 'output') } };
  return {
    operationId: name,
    tags: [matter],
    summary,
    description: scope === 'self' ? 'Needs a key.' : `Needs a key with the right “${scope}”.`,
    parameters: [...inPath, ...queryParameters(query), ...headersOf(one)],
    ...(body !== null && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(body) } } },
    }),
    responses: { [String(status)]: { description: 'Done', content }, ...Object.fromEntries(problems) },
  };
}

function headersOf(one: Operation): object[] {
  const header = (name: string, required: boolean, description: string) => ({
    ...{ name, in: 'header', required, description },
    schema: { type: 'string' },
  });
  if (one.method === 'POST') {
    return [header('Idempotency-Key', false, 'Sent again with the same one within a day, the call is done once.')];
  }
  const statuses = problemsOf(one);
  const isConditional = one.method === 'DELETE' || statuses.includes(428);
  return isConditional ? [header('If-Match', statuses.includes(428), 'The ETag that a GET of this address had.')] : [];
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

function isTypes(answer: Operation['answer']): answer is readonly string[] {
  return Array.isArray(answer);
}

/** "/grants/{id}/end". */
function addressOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}');
}
