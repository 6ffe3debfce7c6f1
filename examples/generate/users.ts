import { boundaries } from './boundaries.ts';
import { Random } from './random.ts';
import { type ExampleSheet, sheetOf } from './sheet.ts';

const columns = ['name', 'mobileNumber', 'role', 'employmentType', 'boundaryCode', 'usage'] as const;
type User = Readonly<Record<(typeof columns)[number], string>>;

const userCount = 2_000;
const firstNames = [
  'Abel',
  'Aïcha',
  'Amina',
  'Benedito',
  'Célia',
  'Chipo',
  'Dinis',
  'Edna',
  'Fátima',
  'Gil',
  'Halima',
  'Isa',
  'João',
  'Kofi',
  'Lurdes',
  'Mário',
  'Neema',
  'Olívia',
  'Paulo',
  'Rosa',
  'Samuel',
  'Tânia',
  'Yara',
  'Zola',
];
const lastNames = [
  'Abacar',
  'Bila',
  'Cossa',
  "D'Almeida",
  'Dlamini',
  'Fumo',
  'Guambe',
  'Hassan',
  'Issufo',
  'Jamal',
  'Kapenda',
  'Langa',
  'Macuácua',
  'Nhaca',
  'Okoro',
  'Phiri',
  'Sitoe',
  'Tembe',
  'Uamusse',
  'Zandamela',
];

/** Roles that go together, and how often; who stands higher works in a larger boundary. */
const posts = [
  { role: 'DISTRIBUTOR', within: 'Locality', share: 0.45 },
  { role: 'DISTRIBUTOR,REGISTRAR', within: 'Locality', share: 0.2 },
  { role: 'HEALTH_FACILITY_WORKER', within: 'Locality', share: 0.12 },
  { role: 'FIELD_SUPERVISOR; TEAM_SUPERVISOR', within: 'Locality', share: 0.08 },
  { role: 'WAREHOUSE_MANAGER', within: 'District', share: 0.06 },
  { role: 'DISTRICT_SUPERVISOR,DASHBOARD_VIEWER', within: 'District', share: 0.04 },
  { role: 'MONITOR_LOCAL', within: 'District', share: 0.02 },
  { role: 'PROVINCIAL_SUPERVISOR,DASHBOARD_VIEWER,LOGISTICAL_OFFICER', within: 'Province', share: 0.015 },
  { role: 'HELPDESK_USER', within: 'Province', share: 0.01 },
  { role: 'NATIONAL_SUPERVISOR,DASHBOARD_VIEWER', within: 'Country', share: 0.005 },
] as const;

/** Mistakes as people make them, by the row (counted from 1, the header not counted) in which they stand. */
const mistakes: Readonly<Record<number, Partial<User>>> = {
  101: { mobileNumber: '84123456' },
  377: { role: 'DISTRIBUTER' },
  640: { name: 'A' },
  1004: { employmentType: '' },
  1333: { role: 'DISTRIBUTOR,REGISTRAR,SUPERVISOR,MONITOR_LOCAL,FIELD_SUPERVISOR,TEAM_SUPERVISOR' },
  1777: { mobileNumber: '08O1234567' },
};
/** This row repeats the number of that one. */
const repeated = { row: 1_500, of: 40 };

/** The people of the campaign, six rows with a mistake and one duplicate among them. */
export function userSheet(): ExampleSheet {
  const records = users().map((user, index) => ({ ...user, ...mistakes[index + 1] }));
  const [first, again] = [records[repeated.of - 1], records[repeated.row - 1]];
  if (first && again) records[repeated.row - 1] = { ...again, mobileNumber: first.mobileNumber };
  return sheetOf('users.csv', columns, records);
}

function users(): User[] {
  const random = new Random(4_052);
  const all = boundaries();
  return Array.from({ length: userCount }, (_, index) => {
    const post = pickPost(random);
    return {
      name: `${random.pick(firstNames)} ${random.pick(lastNames)}`,
      mobileNumber: mobileNumber(index),
      role: post.role,
      employmentType: random.chance(0.8) ? 'Temporary' : 'Permanent',
      boundaryCode: random.pick(all.filter(({ boundaryType }) => boundaryType === post.within)).code,
      usage: random.chance(0.98) ? 'Active' : 'Inactive',
    };
  });
}

function pickPost(random: Random): (typeof posts)[number] {
  const drawn = random.next();
  let upTo = 0;
  for (const post of posts) {
    upTo += post.share;
    if (drawn < upTo) return post;
  }
  return posts[0];
}

/** Ten digits, each number once, with a leading zero that must not get lost. */
function mobileNumber(index: number): string {
  return `080${String((index * 7_919 + 4_001) % 10_000_000).padStart(7, '0')}`;
}
