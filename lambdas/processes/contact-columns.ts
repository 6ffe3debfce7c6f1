import { domainToASCII } from 'node:url';
import type { z } from 'zod';
import { cell, cellReader, type ReadCell } from './cell.ts';
import { failure, quoted } from './read-text.ts';

/** The kinds of cells by which people, companies and products are found again. Each gives one form for all ways of writing. */

/** RFC 5321: 64 before the `@`, 254 in all. */
const emailCharacters = 254;
const mailboxCharacters = 64;
const addressCharacters = 2_048;
const labelPattern = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const idPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** An e-mail address, in lower case: mail goes to one box however it is written. */
export function email(): z.ZodType<string> {
  const expected = `an e-mail address of at most ${emailCharacters} characters, such as name@example.org`;
  return cell({ expected, textual: true }, (given) => {
    const value = given.normalize('NFC').toLowerCase();
    const at = value.lastIndexOf('@');
    const host = domainOf(value.slice(at + 1));
    const isMailbox = at > 0 && at <= mailboxCharacters && /^[^\s@,;:<>()[\]"\\]+$/.test(value.slice(0, at));
    if (isMailbox && host !== undefined && value.length <= emailCharacters) {
      return { value: `${value.slice(0, at)}@${host}` };
    }
    return failure('bad_email', `${quoted(given)} is not ${expected}.`, given);
  });
}

/** A phone number with its country code, as `+` and 8 to 15 digits (E.164), however it is set apart. */
export function internationalPhone(): z.ZodType<string> {
  const expected = 'a phone number with its country code, such as +258 84 123 4567';
  return cell({ expected, textual: true }, (given) => {
    const digits = given
      .replace(/^'\s*/, '')
      .replace(/\(0\)/g, '')
      .replace(/[\s()./\u00a0-]/g, '')
      .replace(/^00/, '+');
    if (/^\+[1-9]\d{7,14}$/.test(digits)) return { value: digits };
    const advice = 'Begin with + and the country code, and format the column as text.';
    return failure('bad_phone', `${quoted(given)} is not ${expected}. ${advice}`, given);
  });
}

/** A domain, in lower case; of a web address its domain is taken, without `www.`. */
export function domain(): z.ZodType<string> {
  const expected = 'a domain, such as example.org';
  return cell({ expected, textual: true }, (given) => {
    const host = given
      .replace(/^[a-z]+:\/\//i, '')
      .replace(/[/?#].*$/s, '')
      .replace(/^www\./i, '');
    const value = domainOf(host);
    return value === undefined ? failure('bad_domain', `${quoted(given)} is not ${expected}.`, given) : { value };
  });
}

/** The address of a web page; `https://` is understood where no scheme is written. */
export function webAddress(): z.ZodType<string> {
  const expected = `a web address of at most ${addressCharacters} characters, such as https://example.org`;
  return cell({ expected, textual: true }, (given) => {
    const written = /^[a-z][a-z0-9+.-]*:\/\//i.test(given) ? given : `https://${given}`;
    const url = URL.canParse(written) ? new URL(written) : undefined;
    const isPage = url !== undefined && /^https?:$/.test(url.protocol) && domainOf(url.hostname) !== undefined;
    if (isPage && url.username === '' && url.href.length <= addressCharacters) return { value: url.href };
    return failure('bad_address', `${quoted(given)} is not ${expected}.`, given);
  });
}

/** A day of the calendar as `YYYY-MM-DD`, which is how dates of workbooks are read; midnight of a day is that day. */
export function date(): z.ZodType<string> {
  const expected = 'a date as year-month-day, such as 2026-03-31';
  return cell({ expected }, (given) => {
    const day = /^(\d{4}-\d{2}-\d{2})(T00:00(:00)?)?$/.exec(given)?.[1];
    if (day !== undefined && isDay(day)) return { value: day };
    return failure('bad_date', `${quoted(given)} is not ${expected}.`, given);
  });
}

const truths = new Map([
  ['yes', true],
  ['true', true],
  ['1', true],
  ['no', false],
  ['false', false],
  ['0', false],
]);

/** Yes or no. */
export function yesOrNo(): z.ZodType<boolean> {
  const expected = 'Yes or No';
  return cell({ expected, choices: ['Yes', 'No'] }, (given) => {
    const value = truths.get(given.toLowerCase());
    return value === undefined
      ? failure('not_one_of', `${quoted(given)} is not among the possible values. Use ${expected}.`, given)
      : { value };
  });
}

/** The id that Rollcall gave an entity, as reports and answers tell it. */
export function entityId(): z.ZodType<string> {
  const expected = 'an entity id as a report tells it, such as 0f8fad5b-d9cb-469f-a165-70867728950e';
  return cell({ expected, textual: true }, (given) => {
    if (idPattern.test(given)) return { value: given.toLowerCase() };
    return failure('bad_id', `${quoted(given)} is not ${expected}.`, given);
  });
}

/** An entity's id, or what `field` accepts, by which the entity may be named as well. */
export function entityIdOr(field: z.ZodType<string>, expected: string): z.ZodType<string> {
  const readField: ReadCell<string> = cellReader(field);
  return cell({ expected, textual: true }, (given) =>
    idPattern.test(given) ? { value: given.toLowerCase() } : readField(given),
  );
}

/** Whether the text is an entity's id rather than anything else that may name it. */
export function isEntityId(text: string): boolean {
  return idPattern.test(text);
}

/** The host as it is looked up, or undefined for what is none: at least two labels, the last no number. */
function domainOf(host: string): string | undefined {
  const ascii = domainToASCII(host.trim().toLowerCase().replace(/\.$/, ''));
  const labels = ascii.split('.');
  const isHost = labels.length > 1 && ascii.length <= 253 && labels.every((label) => labelPattern.test(label));
  return isHost && !/^\d+$/.test(labels.at(-1) as string) ? ascii : undefined;
}

function isDay(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}
