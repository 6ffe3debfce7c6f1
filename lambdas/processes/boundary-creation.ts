import { optional } from './cell.ts';
import { code, text } from './columns.ts';
import { column, defineProcess } from './define-process.ts';

/** The hierarchy of places that an account works in: countries, provinces, districts, villages, whatever they are called. */
export const boundaryCreation = defineProcess({
  name: 'boundaryCreation',
  title: 'Boundaries',
  entity: 'boundary',
  entityScope: 'account',
  action: 'insert',
  columns: {
    code: column(code(), {
      description: 'The code of the boundary; each code once in the whole account.',
      example: 'NPL-ERT-NMP',
      aliases: ['boundaryCode'],
    }),
    name: column(text(1, 200), {
      description: 'What the boundary is called.',
      example: 'Namapa',
    }),
    boundaryType: column(text(1, 64), {
      description: 'What kind of boundary it is, such as country, province or village.',
      example: 'District',
    }),
    parentCode: column(optional(code()), {
      description: 'The code of the boundary that it lies in, in this sheet or created before; empty for the topmost.',
      example: 'NPL-ERT',
      aliases: ['parentBoundaryCode', 'parent'],
    }),
  },
  uniqueColumn: 'code',
  uniqueIdentifier: (row) => row.code,
  parent: (row) => row.parentCode,
  onInvalidRow: 'reject',
  onFailedRow: 'complete',
});
