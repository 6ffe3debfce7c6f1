import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { ServiceRequest } from '../../model/service-configuration.ts';
import type { HttpRequest } from './exchange.ts';
import { fill, fillUrl, fillWords, TemplateError, type TemplateValues } from './template.ts';

/** Fills a request's template. Throws TemplateError when a row cannot be said in it. */
export function fillRequest(template: ServiceRequest, values: TemplateValues): HttpRequest {
  const { method } = template;
  const url = fillUrl(template.url, values.scope);
  const headers = fillHeaders(template.headers, values);
  if (template.body === undefined) return { method, url, headers };
  const body = JSON.stringify(fill(template.body, values));
  return { method, url, headers: { 'content-type': 'application/json', ...headers }, body };
}

function fillHeaders(templates: Readonly<Record<string, string>>, { scope }: TemplateValues): Record<string, string> {
  const filled = Object.entries(templates).map(([name, template]) => {
    return [name.toLowerCase(), fillWords(template, scope, (word) => word)] as const;
  });
  for (const [name, value] of filled) checkHeader(name, value);
  return Object.fromEntries(filled);
}

/** The value stays out of the message: a header may hold a secret. */
function checkHeader(name: string, value: string): void {
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
  } catch (cause) {
    throw new TemplateError(`the request header ${name} cannot hold this row's value`, { cause });
  }
}
