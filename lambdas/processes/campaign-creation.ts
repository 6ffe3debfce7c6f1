import { optional } from './cell.ts';
import { codes, text, wholeNumber } from './columns.ts';
import { column, defineProcess } from './define-process.ts';

/** The product variants that a campaign hands out, each with the boundaries where it does. */
export const campaignCreation = defineProcess({
  name: 'campaignCreation',
  title: 'Campaign resources',
  entity: 'resource',
  action: 'insert',
  columns: {
    pvarId: column(text(1, 128), {
      description: 'The id of the product variant; each id once.',
      example: 'PVAR-2026-09-04-000123',
      aliases: ['productVariantId'],
    }),
    boundaryCode: column(codes(), {
      description: 'The codes of the boundaries where the product is handed out.',
      example: 'NPL-ERT-NMP, NPL-ERT-ALU',
      aliases: ['boundaryCodes'],
    }),
    productName: column(optional(text(1, 200)), {
      description: 'What the product is called.',
      example: 'Bednet, single',
    }),
    target: column(optional(wholeNumber({ min: 0, max: 1_000_000_000 })), {
      description: 'How many of it are to be handed out.',
      example: '50000',
    }),
  },
  uniqueColumn: 'pvarId',
  uniqueIdentifier: (row) => row.pvarId,
  mapping: { type: 'resource', boundaries: (row) => row.boundaryCode },
  references: { boundaryCode: { entity: 'boundary', onlyIfAny: true } },
  onInvalidRow: 'reject',
  onFailedRow: 'complete',
});
