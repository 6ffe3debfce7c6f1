import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fill, fillUrl, TemplateError } from '../../../lambdas/entities/http/template.ts';
import { requestTemplateSchema } from '../../../lambdas/model/service-configuration.ts';

const scope = {
  entityId: 'e-1',
  row: { name: 'Clinic', capacity: 12, open: false, codes: ['B1', 'B2'], place: { lat: 1.5 }, status: 'Permanent' },
};
const filled = (template: Parameters<typeof fill>[0], rows = [{}]) => fill(template, { scope, rows });

describe('a request template', () => {
  it('keeps the kind of a value that is a whole placeholder', () => {
    const template = {
      a: '{{row.capacity}}',
      b: '{{row.open}}',
      c: '{{row.codes}}',
      d: '{{row.place}}',
      e: '{{row.codes.1}}',
    };
    expect(filled(template)).toEqual({ a: 12, b: false, c: ['B1', 'B2'], d: { lat: 1.5 }, e: 'B2' });
  });

  it('joins texts around placeholders', () => {
    expect(filled('{{row.name}} ({{row.capacity}})')).toBe('Clinic (12)');
  });

  it('leaves out fields and elements without a value', () => {
    expect(filled({ a: '{{row.none}}', b: ['{{row.none}}', 1], c: null })).toEqual({ b: [1], c: null });
  });

  it('refuses to build a text from a missing value', () => {
    expect(() => filled('at {{row.none}}')).toThrow(TemplateError);
    expect(() => filled('at {{row.codes}}')).toThrow('{{row.codes}}');
  });

  it('repeats a part for each row and for each element', () => {
    const template = {
      items: { $rows: { id: '{{id}}', of: '{{entityId}}' } },
      roles: { $each: 'row.codes', $make: { code: '{{each}}' } },
    };
    expect(filled(template, [{ id: 1 }, { id: 2 }])).toEqual({
      items: [
        { id: 1, of: 'e-1' },
        { id: 2, of: 'e-1' },
      ],
      roles: [{ code: 'B1' }, { code: 'B2' }],
    });
    expect(filled({ $each: 'row.none', $make: 1 })).toEqual([]);
  });

  it('chooses by the value of the row', () => {
    const from = { Permanent: true, Temporary: false };
    expect(filled({ a: { $choose: 'row.status', $from: from }, b: { $choose: 'row.name', $from: from } })).toEqual({
      a: true,
    });
  });

  it('reaches nothing that is not the scope’s own', () => {
    for (const path of ['row.constructor', '__proto__', 'row.name.length', 'row.codes.length', 'toString']) {
      expect(filled({ a: `{{${path}}}` }), path).toEqual(path === 'row.codes.length' ? { a: 2 } : {});
    }
  });

  it('never looks into what a row says, whatever it says', () => {
    const value = fc.oneof(
      fc.string(),
      fc.constantFrom('{{entityId}}', '"}, {"x": "', '{"$rows": 1}', '\\u0022', '$&'),
    );
    fc.assert(
      fc.property(value, (said) => {
        const values = { scope: { row: { said } }, rows: [] };
        expect(fill({ whole: '{{row.said}}', part: '<{{row.said}}>' }, values)).toEqual({
          whole: said,
          part: `<${said}>`,
        });
      }),
    );
  });
});

describe('an address template', () => {
  const to = (word: string) => fillUrl('https://depot.example/api/{{word}}/parts?q={{word}}', { word });

  it('keeps what a row says in its place', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, unit: 'grapheme' }), (word) => {
        fc.pre(!/^\.{1,2}$/.test(word));
        const url = to(word);
        expect([url.origin, url.username, url.hash]).toEqual(['https://depot.example', '', '']);
        expect(url.pathname.split('/').map(decodeURIComponent)).toEqual(['', 'api', word, 'parts']);
        expect(url.searchParams.get('q')).toBe(word);
      }),
    );
  });

  it('refuses what would make it another address', () => {
    for (const word of ['', '.', '..', '\ud800']) expect(() => to(word), word).toThrow(TemplateError);
  });
});

describe('the form of a template', () => {
  it('is checked before it is used', () => {
    const good = [
      '{{row.a-b_c.0}}',
      { a: [{ b: 'x {{y}} z' }] },
      { $each: 'row.a', $make: 1 },
      { $choose: 'a', $from: {} },
    ];
    const bad = [
      '{{row.}}',
      '{{ row.a }}',
      '{{row.a',
      { a: ['{{1a}}'] },
      { $each: 'row.a' },
      { $choose: 1, $from: {} },
    ];
    expect(good.map((template) => requestTemplateSchema.safeParse(template).success)).toEqual(good.map(() => true));
    expect(bad.map((template) => requestTemplateSchema.safeParse(template).success)).toEqual(bad.map(() => false));
  });
});
