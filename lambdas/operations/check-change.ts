import type { CreateBulkAction } from '../model/api.ts';
import { invalidRequest, type RequestError } from '../model/invalid-request.ts';
import { entityIdColumn, type ProcessDefinition } from '../model/process.ts';

type Finding = Omit<RequestError, 'in'>;

type Change = Pick<CreateBulkAction, 'entityIds' | 'fieldsToUpdate' | 'clearEmpty'>;

/**
 * Refuses a change that the process can't make: one of fields that the entity does not have, one that would change
 * nothing, one that a process which only creates is asked for. Whether the entities are there is seen row by row.
 * @throws ProblemError `invalid_request` that lists all findings.
 */
export function checkChange(process: ProcessDefinition, change: Change): void {
  const findings = [...misplaced(process, change), ...fieldFindings(process, change)];
  if (findings.length > 0) throw invalidRequest(findings.map((finding) => ({ in: 'body', ...finding })));
}

/** What does not go together with the process, or with the rest of the request. */
function misplaced({ name, action, row }: ProcessDefinition, change: Change): Finding[] {
  const { entityIds, fieldsToUpdate, clearEmpty } = change;
  const findings: Finding[] = [];
  if (entityIds && !(entityIdColumn in row.shape)) {
    findings.push({ path: 'entityIds', expected: 'a process that updates or deletes', received: name });
  }
  if (fieldsToUpdate && (!entityIds || action === 'delete')) {
    const expected = 'no fields but those of `entityIds` that are to be updated';
    findings.push({ path: 'fieldsToUpdate', expected, received: entityIds ? name : 'no `entityIds`' });
  }
  if (entityIds && action === 'update' && Object.keys(fieldsToUpdate ?? {}).length === 0) {
    findings.push({ path: 'fieldsToUpdate', expected: 'at least one field to update', received: 'none' });
  }
  if (clearEmpty && action !== 'update' && action !== 'upsert') {
    findings.push({ path: 'clearEmpty', expected: 'a process that updates or upserts', received: name });
  }
  return findings;
}

/** Fields that the entity does not have, and empty values that nobody has said are to clear theirs. */
function fieldFindings({ entity, columns }: ProcessDefinition, { fieldsToUpdate = {}, clearEmpty }: Change): Finding[] {
  const names = Object.keys(columns).filter((name) => name !== entityIdColumn);
  return Object.entries(fieldsToUpdate).flatMap(([field, value]) => {
    const path = `fieldsToUpdate.${field}`;
    if (!names.includes(field)) {
      return [{ path, expected: `a field of ${entity} (${names.join(', ')})`, received: `"${field}"` }];
    }
    if (clearEmpty || !isEmpty(value)) return [];
    return [{ path, expected: 'a value, or `clearEmpty: true` to clear the field', received: 'an empty one' }];
  });
}

function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'string' && value.trim() === '');
}
