/** Where a code is provoked: a test, and what it says of it when that is not the code. Or why no test provokes it. */
export type Elsewhere = string | { readonly file: string; readonly says: string } | { readonly reason: string };

const services = 'test/entities/http/http-entity-target.test.ts';

/**
 * Codes that no request, and no look at a sheet, provokes: they need time to pass, a service outside, a whole run or a
 * sheet too large to be sent along.
 */
export const provokedElsewhere: Readonly<Record<string, Elsewhere>> = {
  invalid_rows: 'test/e2e/validation.test.ts',
  ambiguous_columns: 'test/e2e/validation.test.ts',
  sheet_rejected: 'test/e2e/validation.test.ts',
  unknown_process: 'test/e2e/uploads.test.ts',
  upload_missing: 'test/faults/lost-work.test.ts',
  execution_stopped: 'test/faults/lost-work.test.ts',
  quota_exceeded: 'test/e2e/accounts.test.ts',
  not_processed_after_retries: 'test/faults/failed-rows.test.ts',
  unprocessed: 'test/faults/lost-work.test.ts',
  cancelled: 'test/e2e/lifecycle.test.ts',
  encrypted_sheet: 'test/sheets/xlsx.test.ts',
  too_many_rows: 'test/sheets/xlsx.test.ts',
  too_many_entries: 'test/sheets/xlsx.test.ts',
  too_large_uncompressed: 'test/sheets/xlsx.test.ts',
  implausible_compression: 'test/sheets/xlsx.test.ts',
  parent_missing: 'test/e2e/boundaries.test.ts',
  parent_self: 'test/e2e/boundaries.test.ts',
  parent_cycle: 'test/e2e/boundaries.test.ts',
  parent_too_deep: 'test/e2e/boundaries.test.ts',
  blocked_by_parent: 'test/e2e/boundaries.test.ts',
  changed_since: 'test/steps/undo-entities.test.ts',
  still_named: 'test/steps/undo-entities.test.ts',
  prior_state_gone: 'test/steps/undo-entities.test.ts',
  upload_size_mismatch: 'test/steps/refused-sheets.test.ts',
  sheet_replaced: 'test/steps/refused-sheets.test.ts',
  upload_too_large: 'test/steps/refused-sheets.test.ts',
  deadline_exceeded: 'test/steps/refused-sheets.test.ts',
  entity_missing: { file: 'test/mapping/map-batches.test.ts', says: 'does not exist yet' },
  service_busy: services,
  service_refused: 'test/mapping/map-batches.test.ts',
  service_request: services,
  service_timeout: services,
  service_unavailable: services,
  service_unreachable: services,
  service_unreadable_answer: services,
  service_forbidden: 'test/entities/http/connection-guard.test.ts',
  service_not_yet: 'test/entities/http/http-boundary-target.test.ts',
  service_unauthorized: 'test/entities/http/credentials.test.ts',
  service_missing: { file: 'test/entities/http/digit-profile.test.ts', says: 'has no project for this row' },
  service_conflict: {
    reason: 'A service that knows a thing already and keeps neither our ids nor a way to look for it.',
  },
  service_lookup: { reason: 'A service that refuses to be asked for what a row refers to.' },
  entity_busy: { reason: 'Several races lost in a row against others who change the same entity at the same moment.' },
  invalid_value: { reason: 'Rules of columns that a process brings along; those that ship have none of their own.' },
};
