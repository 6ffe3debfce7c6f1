import { boundaries } from './boundaries.ts';
import { type ExampleSheet, sheetOf } from './sheet.ts';

const products = [
  { productName: 'Bednet, single', target: 180_000 },
  { productName: 'Bednet, family', target: 240_000 },
  { productName: 'SP 250 mg, 3 to 11 months', target: 36_000 },
  { productName: 'SP 500 mg, 12 to 59 months', target: 92_500 },
  { productName: 'Vitamin A, 100,000 IU', target: 41_000 },
  { productName: 'Vitamin A, 200,000 IU', target: 88_000 },
  { productName: 'Chalk, box of 50', target: 1_200 },
  { productName: 'Household sticker', target: 310_000 },
];

/** What the campaign hands out: each product in two provinces, all their districts named. */
export function resourceSheet(): ExampleSheet {
  const provinces = boundaries().filter(({ boundaryType }) => boundaryType === 'Province');
  const records = products.map((product, index) => {
    const served = [provinces[index % provinces.length], provinces[(index + 1) % provinces.length]];
    const number = String(1_001 + index * 7).padStart(6, '0');
    return {
      pvarId: `PVAR-2026-03-13-${number}`,
      boundaryCode: served.map((province) => province?.code).join(','),
      ...product,
    };
  });
  return sheetOf('campaign.csv', ['pvarId', 'boundaryCode', 'productName', 'target'], records);
}
