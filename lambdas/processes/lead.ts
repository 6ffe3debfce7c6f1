import { decimal, oneOf, text } from './columns.ts';
import { date, domain, email, entityIdOr, internationalPhone } from './contact-columns.ts';
import { column } from './define-process.ts';
import { entityProcesses } from './entity-processes.ts';

/** People who may become customers, each found again by e-mail address or phone number. */
export const leadProcesses = entityProcesses({
  entity: 'lead',
  title: 'Leads',
  fields: {
    email: column(email(), {
      description: "The person's e-mail address; each address once among the account's leads.",
      example: 'joao.tembe@example.net',
      aliases: ['emailAddress', 'mail'],
    }),
    phone: column(internationalPhone(), {
      description: "The person's phone number with country code; each number once among the account's leads.",
      example: '+258 82 765 4321',
      aliases: ['phoneNumber', 'mobile', 'mobilePhone', 'telephone'],
    }),
    firstName: column(text(1, 100), { description: 'The given name.', example: 'João', aliases: ['givenName'] }),
    lastName: column(text(1, 100), {
      description: 'The family name.',
      example: 'Tembe',
      aliases: ['familyName', 'surname'],
    }),
    companyName: column(text(1, 200), {
      description: 'The company that the person spoke for, as they named it.',
      example: 'Farmácia Central',
      aliases: ['organisation', 'organization'],
    }),
    companyId: column(entityIdOr(domain(), "a company's entity id, or its domain"), {
      description: "The account's company that the person belongs to: its entity id or its domain. It must exist.",
      example: 'vidamed.example.org',
      aliases: ['company', 'companyDomain'],
    }),
    source: column(oneOf(['Website', 'Referral', 'Event', 'Call', 'Campaign', 'Other']), {
      description: 'Where the lead came from.',
      example: 'Event',
      aliases: ['leadSource'],
    }),
    status: column(oneOf(['New', 'Contacted', 'Qualified', 'Lost', 'Won']), {
      description: 'How far things are.',
      example: 'Qualified',
      aliases: ['leadStatus', 'stage'],
    }),
    estimatedValue: column(decimal({ min: 0, max: 1_000_000_000_000 }), {
      description: 'What the business may be worth.',
      example: '12500.00',
      aliases: ['value', 'dealValue'],
    }),
    contactedOn: column(date(), {
      description: 'The day of the last conversation.',
      example: '2026-02-18',
      aliases: ['lastContact'],
    }),
  },
  unique: ['email', 'phone'],
  required: ['lastName'],
  references: { companyId: { entity: 'company', uniqueField: 'domain' } },
});
