import { code, decimal, oneOf, text, wholeNumber } from './columns.ts';
import { date, yesOrNo } from './contact-columns.ts';
import { column } from './define-process.ts';
import { entityProcesses } from './entity-processes.ts';

/** What an account sells or hands out, each article found again by stock number or barcode. */
export const productProcesses = entityProcesses({
  entity: 'product',
  title: 'Products',
  fields: {
    sku: column(code(), {
      description: "The account's own stock number; each number once.",
      example: 'NET-180-BL',
      aliases: ['stockKeepingUnit', 'articleNumber', 'itemNumber'],
    }),
    barcode: column(code(), {
      description: 'The number under the bars (EAN, UPC, GTIN); each number once.',
      example: '06009712345678',
      aliases: ['ean', 'gtin', 'upc'],
    }),
    name: column(text(1, 200), {
      description: 'What the product is called.',
      example: 'Bednet 180 × 160 cm, blue',
      aliases: ['productName'],
    }),
    description: column(text(1, 2_000), {
      description: 'What a buyer should know.',
      example: 'Long-lasting insecticidal net, polyester 100 denier.',
    }),
    category: column(text(1, 100), { description: 'What kind of product it is.', example: 'Bednets' }),
    price: column(decimal({ min: 0, max: 1_000_000_000 }), {
      description: 'The price of one unit.',
      example: '4.85',
      aliases: ['unitPrice'],
    }),
    currency: column(oneOf(['EUR', 'GBP', 'INR', 'KES', 'MZN', 'NGN', 'USD', 'ZAR']), {
      description: 'The currency of the price.',
      example: 'USD',
    }),
    stock: column(wholeNumber({ min: 0, max: 1_000_000_000 }), {
      description: 'Units in stock.',
      example: '18400',
      aliases: ['quantity'],
    }),
    available: column(yesOrNo(), { description: 'Whether it can be ordered.', example: 'Yes', aliases: ['active'] }),
    launchedOn: column(date(), { description: 'The day since which it is sold.', example: '2025-09-01' }),
  },
  unique: ['sku', 'barcode'],
  required: ['name'],
});
