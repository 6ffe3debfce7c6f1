import type { RowError } from '../model/row.ts';
import type { UniqueValue } from '../store/entity-keys.ts';

/** Why a row can't change its entity. */

export function entityNotFound(entity: string, entityId: string): RowError {
  const message = `There is no ${entity} ${entityId} any more. Leave the row out, or insert the ${entity} anew.`;
  return { code: 'entity_not_found', message, column: 'entityId', value: entityId };
}

export function valueTaken(entity: string, { field, value }: UniqueValue, holder: string): RowError {
  const message = `Another ${entity}, ${holder}, has the ${field} ${value}. Use another value, or change that one first.`;
  return { code: 'value_taken', message, column: field, value };
}

export function requiredOfNew(entity: string, field: string): RowError {
  const message = `The ${entity} is gone since the sheet was read, and a new one must have a ${field}. Fill it in, or leave the row out.`;
  return { code: 'required', message, column: field, value: '' };
}

export function entityBusy(entity: string): RowError {
  const message = `Others kept changing the same ${entity}, or one with the same unique values. Try again later.`;
  return { code: 'entity_busy', message };
}
