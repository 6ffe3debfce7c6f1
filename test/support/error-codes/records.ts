/** A record that has one cell wrong, and what it is read as. */
export interface WrongRecord {
  readonly processName: string;
  readonly record: Readonly<Record<string, string>>;
  readonly clearEmpty?: boolean;
}

/** What the account has that records can be at odds with. */
export interface Standing {
  /** Two contacts; the first has the e-mail address, the second the phone number. */
  readonly contacts: readonly { readonly entityId: string }[];
}

export const standingContacts = [
  { email: 'first@example.org', lastName: 'First' },
  { phone: '+258841234567', lastName: 'Second' },
] as const;

const [{ email }, { phone }] = standingContacts;
const contact = (record: Record<string, string>): WrongRecord => ({
  processName: 'contactUpsert',
  record: { email: 'new@example.org', lastName: 'New', ...record },
});
const facility = (record: Record<string, string>): WrongRecord => ({
  processName: 'facilityCreation',
  record: {
    facilityName: 'Namapa',
    facilityType: 'Warehouse',
    facilityStatus: 'Permanent',
    capacity: '12',
    boundaryCode: 'STANDING',
    usage: 'Active',
    ...record,
  },
});
const user = (record: Record<string, string>): WrongRecord => ({
  processName: 'userCreation',
  record: {
    name: 'Amina',
    mobileNumber: '0841234567',
    role: 'REGISTRAR',
    employmentType: 'Permanent',
    boundaryCode: 'STANDING',
    usage: 'Active',
    ...record,
  },
});

/** By code: a record that is invalid because of it. The account has the boundary `STANDING` and two contacts. */
export const wrongRecords: Readonly<Record<string, (standing: Standing) => WrongRecord>> = {
  required: () => facility({ capacity: ' ' }),
  too_short: () => user({ name: 'A' }),
  too_long: () => user({ name: 'A'.repeat(129) }),
  bad_character: () => user({ name: 'A\u0007B' }),
  formula_failed: () => facility({ facilityName: '#N/A' }),
  not_one_of: () => facility({ facilityType: 'Castle' }),
  not_a_number: () => facility({ latitude: 'north' }),
  not_a_whole_number: () => facility({ capacity: '1.5' }),
  out_of_range: () => facility({ capacity: '0' }),
  bad_phone: () => user({ mobileNumber: '12' }),
  bad_email: () => contact({ email: 'nobody' }),
  bad_domain: () => ({ processName: 'companyUpsert', record: { domain: 'no domain', name: 'A' } }),
  bad_address: () => ({
    processName: 'companyUpsert',
    record: { domain: 'example.org', name: 'A', website: 'no page' },
  }),
  bad_date: () => contact({ birthday: '31.3.2026' }),
  bad_id: () => ({ processName: 'contactUpdate', record: { entityId: 'nobody', lastName: 'A' } }),
  too_many: () => user({ role: 'REGISTRAR, SUPERVISOR, DISTRIBUTOR, MONITOR_LOCAL, HELPDESK_USER, TEAM_SUPERVISOR' }),
  unknown_boundary: () => facility({ boundaryCode: 'STANDIN' }),
  identifier_missing: () => contact({ email: '' }),
  entity_not_found: () => ({ processName: 'contactUpdate', record: { email: 'nobody@example.org', lastName: 'A' } }),
  ambiguous_entity: () => contact({ email, phone }),
  value_taken: ({ contacts: [first] }) => ({
    processName: 'contactUpdate',
    record: { entityId: first?.entityId ?? '', phone },
  }),
  cannot_clear: ({ contacts: [first] }) => ({
    processName: 'contactUpdate',
    record: { entityId: first?.entityId ?? '', lastName: '' },
    clearEmpty: true,
  }),
  unknown_company: () => contact({ companyId: 'nowhere.example.org' }),
};
