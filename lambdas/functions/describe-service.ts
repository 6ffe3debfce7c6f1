import manifest from '../../package.json' with { type: 'json' };
import { openApiDocument } from '../operations/openapi/openapi-document.ts';
import { readTemplate } from '../operations/read-template.ts';
import { describeProcess } from '../processes/describe.ts';
import { allProcesses } from '../processes/registry.ts';
import type { TemplateFormat } from '../processes/template.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { type HttpRequest, httpHandler } from '../runtime/http-handler.ts';

readEnvironment('describe-service');
const { version } = manifest;
let openApi: ReturnType<typeof openApiDocument> | undefined;

/**
 * GET /api/processes, /api/health, /api/openapi.json: what the service is and takes, of which nothing is stored. Also
 * answers what no route takes.
 */
export const handler = httpHandler('describe-service', {
  listProcesses: async () => ({ status: 200, body: { items: allProcesses().map(describeProcess) } }),
  getTemplate: async ({ path, query }: HttpRequest<{ name: string }, { format: TemplateFormat }>) => ({
    status: 200,
    file: await readTemplate(path.name, query.format),
  }),
  getHealth: async () => ({ status: 200, body: { status: 'ok', version } }),
  getOpenApi: async () => {
    openApi ??= openApiDocument(version);
    return { status: 200, body: openApi };
  },
});
