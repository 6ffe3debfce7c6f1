import { describe, expect, test } from 'vitest';
import type { z } from 'zod';
import { cellErrorOf } from '../../lambdas/processes/cell-errors.ts';
import {
  date,
  domain,
  email,
  entityId,
  entityIdOr,
  internationalPhone,
  webAddress,
  yesOrNo,
} from '../../lambdas/processes/contact-columns.ts';

/** The value that the cell gives, or the codes of its errors. */
function read(schema: z.ZodType, given: string): unknown {
  const parsed = schema.safeParse(given);
  return parsed.success ? parsed.data : parsed.error.issues.map((issue) => cellErrorOf(issue).code);
}

const id = '0f8fad5b-d9cb-469f-a165-70867728950e';

describe('GIVEN several ways of writing one thing WHEN read THEN they are one value', () => {
  test.each([
    [email(), ['Amina.M@Example.ORG', ' amina.m@example.org '], 'amina.m@example.org'],
    [email(), ['info@müller.example'], 'info@xn--mller-kva.example'],
    [
      internationalPhone(),
      ['+258 84 123-4567', '00258 (84) 1234567', "'+258.84.123.4567", '+258 (0)84 123 4567'],
      '+258841234567',
    ],
    [
      domain(),
      ['VidaMed.example.org', 'https://www.vidamed.example.org/about?x=1', 'vidamed.example.org.'],
      'vidamed.example.org',
    ],
    [webAddress(), ['https://example.org/a', 'EXAMPLE.org/a'], 'https://example.org/a'],
    [date(), ['2024-02-29', '2024-02-29T00:00:00'], '2024-02-29'],
    [yesOrNo(), ['Yes', 'TRUE', '1'], true],
    [yesOrNo(), ['no', 'False', '0'], false],
    [entityId(), [id, id.toUpperCase()], id],
    [entityIdOr(domain(), 'an id or a domain'), [id.toUpperCase()], id],
    [entityIdOr(domain(), 'an id or a domain'), ['www.example.org'], 'example.org'],
  ])('%#', (schema, ways, value) => {
    for (const way of ways) expect(read(schema, way)).toBe(value);
  });
});

describe('GIVEN what is none WHEN read THEN the code says of what kind it should have been', () => {
  test.each([
    [
      'bad_email',
      email(),
      ['amina', '@example.org', 'a b@example.org', 'a@localhost', 'a@b..org', `${'x'.repeat(65)}@example.org`],
    ],
    [
      'bad_phone',
      internationalPhone(),
      ['0841234567', '+25884', '+0841234567890', '+258 84 CALL ME', `+1${'2'.repeat(15)}`],
    ],
    ['bad_domain', domain(), ['example', 'exa mple.org', '-a.example.org', '10.0.0.1', 'a@example.org']],
    [
      'bad_address',
      webAddress(),
      ['ftp://example.org', 'javascript:alert(1)', 'https://user:pw@example.org', 'nowhere'],
    ],
    ['bad_date', date(), ['2023-02-29', '31.03.2026', '2026-3-1', '2026-03-31T10:00:00', '46000']],
    ['not_one_of', yesOrNo(), ['perhaps', 'y']],
    ['bad_id', entityId(), ['12', `${id}0`]],
  ])('%s', (code, schema, givens) => {
    for (const given of givens) expect([given, read(schema, given)]).toEqual([given, [code]]);
  });
});
