import { optional } from './cell.ts';
import { activeOrInactive, codes, decimal, oneOf, text, wholeNumber } from './columns.ts';
import { column, defineProcess } from './define-process.ts';

/** Warehouses, health facilities and the like, each with the boundaries that it serves. */
export const facilityCreation = defineProcess({
  name: 'facilityCreation',
  title: 'Facilities',
  entity: 'facility',
  action: 'insert',
  columns: {
    facilityName: column(text(1, 200), {
      description: 'What the facility is called; each name once.',
      example: 'Namapa Health Centre',
    }),
    facilityType: column(oneOf(['Warehouse', 'Health Facility', 'Storing Resource']), {
      description: 'What kind of facility it is.',
      example: 'Health Facility',
    }),
    facilityStatus: column(oneOf(['Temporary', 'Permanent']), {
      description: 'Whether it stays after the campaign.',
      example: 'Permanent',
    }),
    capacity: column(wholeNumber({ min: 1, max: 100_000_000 }), {
      description: 'How many units of stock it can hold.',
      example: '12000',
    }),
    boundaryCode: column(codes(), {
      description: 'The codes of the boundaries that it serves.',
      example: 'NPL-ERT-NMP; NPL-ERT-ALU',
      aliases: ['boundaryCodes'],
    }),
    usage: column(activeOrInactive(), {
      description: 'Active to use it in the campaign; Inactive to take it off all its boundaries.',
      example: 'Active',
    }),
    latitude: column(optional(decimal({ min: -90, max: 90 })), {
      description: 'Degrees north of the equator; negative in the south.',
      example: '-13.7164',
    }),
    longitude: column(optional(decimal({ min: -180, max: 180 })), {
      description: 'Degrees east of Greenwich; negative in the west.',
      example: '39.8372',
    }),
  },
  uniqueColumn: 'facilityName',
  uniqueIdentifier: (row) => row.facilityName,
  mapping: {
    type: 'facility',
    boundaries: (row) => row.boundaryCode,
    active: (row) => row.usage === 'Active',
  },
  references: { boundaryCode: { entity: 'boundary', onlyIfAny: true } },
  onInvalidRow: 'reject',
  onFailedRow: 'complete',
});
