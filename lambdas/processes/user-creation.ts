import { activeOrInactive, codes, listOf, oneOf, phone, text } from './columns.ts';
import { column, defineProcess } from './define-process.ts';

/** What a campaign worker may be. */
const roles = [
  'DISTRIBUTOR',
  'DASHBOARD_VIEWER',
  'HEALTH_FACILITY_WORKER',
  'WAREHOUSE_MANAGER',
  'NATIONAL_SUPERVISOR',
  'PROVINCIAL_SUPERVISOR',
  'DISTRICT_SUPERVISOR',
  'FIELD_SUPERVISOR',
  'REGISTRAR',
  'SUPERVISOR',
  'HELPDESK_USER',
  'MONITOR_LOCAL',
  'LOGISTICAL_OFFICER',
  'TEAM_SUPERVISOR',
] as const;

/** The people of a campaign, each with roles and the boundaries that they work in. */
export const userCreation = defineProcess({
  name: 'userCreation',
  title: 'Users',
  entity: 'user',
  action: 'insert',
  columns: {
    name: column(text(2, 128), { description: "The person's full name.", example: 'Amina Macuácua' }),
    mobileNumber: column(phone(10), {
      description: "The person's phone number; each number once.",
      example: '0841234567',
      aliases: ['phoneNumber'],
    }),
    role: column(listOf(oneOf(roles), { min: 1, max: 5 }), {
      description: 'What the person may do in the campaign.',
      example: 'DISTRIBUTOR, REGISTRAR',
      aliases: ['roles'],
    }),
    employmentType: column(oneOf(['Temporary', 'Permanent']), {
      description: 'How the person is employed.',
      example: 'Temporary',
    }),
    boundaryCode: column(codes(), {
      description: 'The codes of the boundaries that the person works in.',
      example: 'NPL-ERT-NMP',
      aliases: ['boundaryCodes'],
    }),
    usage: column(activeOrInactive(), {
      description: 'Active to use the person in the campaign; Inactive to take them off all their boundaries.',
      example: 'Active',
    }),
  },
  uniqueColumn: 'mobileNumber',
  uniqueIdentifier: (row) => row.mobileNumber,
  mapping: {
    type: 'user',
    boundaries: (row) => row.boundaryCode,
    active: (row) => row.usage === 'Active',
  },
  references: { boundaryCode: { entity: 'boundary', onlyIfAny: true } },
  onInvalidRow: 'reject',
  onFailedRow: 'complete',
});
