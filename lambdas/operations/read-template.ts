import { ProblemError } from '../model/problem.ts';
import { findProcess } from '../processes/registry.ts';
import { type TemplateFormat, writeTemplate } from '../processes/template.ts';
import type { HttpFile } from '../runtime/http-answer.ts';

export const templateContentTypes: Readonly<Record<TemplateFormat, string>> = {
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  csv: 'text/csv; charset=utf-8',
};

/** The process's template as a file to download. */
export async function readTemplate(processName: string, format: TemplateFormat): Promise<HttpFile> {
  const process = findProcess(processName);
  if (!process)
    throw new ProblemError('not_found', `There is no process ${processName}. GET /api/processes lists all.`);
  const bytes = await writeTemplate(process, format);
  return { bytes, contentType: templateContentTypes[format], fileName: `${process.name}.${format}` };
}
