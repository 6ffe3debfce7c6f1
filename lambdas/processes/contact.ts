import { text } from './columns.ts';
import { date, domain, email, entityIdOr, internationalPhone, yesOrNo } from './contact-columns.ts';
import { column } from './define-process.ts';
import { entityProcesses } from './entity-processes.ts';

/** People whom an account knows, each found again by e-mail address or phone number. */
export const contactProcesses = entityProcesses({
  entity: 'contact',
  title: 'Contacts',
  fields: {
    email: column(email(), {
      description: "The person's e-mail address; each address once in the account.",
      example: 'amina.macuacua@example.org',
      aliases: ['emailAddress', 'mail'],
    }),
    phone: column(internationalPhone(), {
      description: "The person's phone number with country code; each number once in the account.",
      example: '+258 84 123 4567',
      aliases: ['phoneNumber', 'mobile', 'mobilePhone', 'telephone'],
    }),
    firstName: column(text(1, 100), {
      description: 'The given name.',
      example: 'Amina',
      aliases: ['givenName'],
    }),
    lastName: column(text(1, 100), {
      description: 'The family name.',
      example: 'Macuácua',
      aliases: ['familyName', 'surname'],
    }),
    jobTitle: column(text(1, 200), {
      description: 'What the person does at the company.',
      example: 'Head of Logistics',
      aliases: ['title', 'position'],
    }),
    companyId: column(entityIdOr(domain(), "a company's entity id, or its domain"), {
      description: 'The company that the person works for: its entity id or its domain. It must exist.',
      example: 'vidamed.example.org',
      aliases: ['company', 'companyDomain'],
    }),
    city: column(text(1, 100), { description: 'The town or city.', example: 'Nampula' }),
    country: column(text(1, 100), { description: 'The country.', example: 'Mozambique' }),
    birthday: column(date(), {
      description: 'The day of birth.',
      example: '1987-06-25',
      aliases: ['dateOfBirth', 'birthDate'],
    }),
    newsletter: column(yesOrNo(), {
      description: 'Whether the person has asked for the newsletter.',
      example: 'Yes',
      aliases: ['subscribed'],
    }),
  },
  unique: ['email', 'phone'],
  required: ['lastName'],
  references: { companyId: { entity: 'company', uniqueField: 'domain' } },
});
