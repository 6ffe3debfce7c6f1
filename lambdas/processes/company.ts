import { oneOf, text, wholeNumber } from './columns.ts';
import { date, domain, internationalPhone, webAddress } from './contact-columns.ts';
import { column } from './define-process.ts';
import { entityProcesses } from './entity-processes.ts';

/** Organisations that an account deals with, each found again by domain or registration number. */
export const companyProcesses = entityProcesses({
  entity: 'company',
  title: 'Companies',
  fields: {
    domain: column(domain(), {
      description: "The company's own domain; each domain once in the account.",
      example: 'vidamed.example.org',
      aliases: ['companyDomain', 'domainName'],
    }),
    registrationNumber: column(text(1, 64), {
      description: 'The number under which the company is registered; each number once in the account.',
      example: 'MZ-400123987',
      aliases: ['vatId', 'taxId'],
    }),
    name: column(text(1, 200), {
      description: 'What the company is called.',
      example: 'VidaMed Lda',
      aliases: ['companyName'],
    }),
    website: column(webAddress(), {
      description: "The address of the company's pages.",
      example: 'https://www.vidamed.example.org/',
      aliases: ['url', 'webSite'],
    }),
    phone: column(internationalPhone(), {
      description: 'The phone number of the switchboard, with country code.',
      example: '+258 21 480 000',
      aliases: ['phoneNumber', 'telephone'],
    }),
    industry: column(
      oneOf([
        'Agriculture',
        'Construction',
        'Education',
        'Finance',
        'Health',
        'Manufacturing',
        'Public sector',
        'Retail',
        'Technology',
        'Transport',
        'Other',
      ]),
      { description: 'What the company mainly does.', example: 'Health', aliases: ['sector'] },
    ),
    employees: column(wholeNumber({ min: 0, max: 10_000_000 }), {
      description: 'How many people work there.',
      example: '140',
      aliases: ['numberOfEmployees', 'headcount'],
    }),
    city: column(text(1, 100), { description: 'The town or city of the head office.', example: 'Maputo' }),
    country: column(text(1, 100), { description: 'The country of the head office.', example: 'Mozambique' }),
    foundedOn: column(date(), {
      description: 'The day of its foundation.',
      example: '2004-11-02',
      aliases: ['founded'],
    }),
  },
  unique: ['domain', 'registrationNumber'],
  required: ['name'],
});
