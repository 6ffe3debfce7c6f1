import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Who may import whom. A room may always import itself; what is not named here is not allowed. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  bin: ['lib'],
  lib: ['lambdas/model'],
  'lambdas/functions': [
    'lambdas/operations',
    'lambdas/steps',
    'lambdas/processes',
    'lambdas/entities',
    'lambdas/sheets',
    'lambdas/store',
    'lambdas/runtime',
    'lambdas/model',
  ],
  'lambdas/operations': [
    'lambdas/steps',
    'lambdas/processes',
    'lambdas/entities',
    'lambdas/sheets',
    'lambdas/store',
    'lambdas/model',
  ],
  'lambdas/steps': ['lambdas/processes', 'lambdas/entities', 'lambdas/sheets', 'lambdas/store', 'lambdas/model'],
  'lambdas/processes': ['lambdas/model'],
  'lambdas/entities': ['lambdas/store', 'lambdas/model'],
  'lambdas/sheets': ['lambdas/model'],
  'lambdas/store': ['lambdas/model'],
  'lambdas/runtime': ['lambdas/model'],
  'lambdas/model': [],
  // The local run reads only the synthesized assembly; its start is a guest of the command line.
  local: ['cli'],
  cli: [],
  console: [],
};
/** Types alone, which are gone when the code runs: the command line knows the HTTP contract, and no more of the service. */
const mayImportTypes: Readonly<Record<string, readonly string[]>> = {
  'lambdas/operations': ['lambdas/runtime'],
  'lambdas/processes': ['lambdas/entities'],
  cli: ['lambdas/model', 'lambdas/sheets'],
};
/** Packages that have their place, and where that is. */
const packages: readonly { readonly name: RegExp; readonly rooms: readonly string[] }[] = [
  { name: /^(aws-cdk-lib|constructs|cdk-nag)(\/|$)/, rooms: ['bin', 'lib'] },
  { name: /^@aws-sdk\//, rooms: ['lambdas/store', 'local'] },
  { name: /^@middy\//, rooms: ['lambdas/runtime', 'lambdas/functions'] },
];

interface Import {
  readonly file: string;
  readonly room: string;
  /** The room of a file of this repository, or a package. */
  readonly target: { readonly room: string } | { readonly name: string };
  readonly typesOnly: boolean;
}

const root = join(import.meta.dirname, '..');
/** `import … from`, `export … from`, `import '…'` and `import('…')`; the formatter keeps them in these shapes. */
const statements = /^(?:import|export)\s+(type\s)?[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm;

function importsOf(file: string): Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(statements)].map(([, type, ...specifiers]) => ({
    file,
    room: roomOf(file),
    target: targetOf(file, specifiers.find(Boolean) ?? ''),
    typesOnly: type !== undefined,
  }));
}

function targetOf(file: string, specifier: string): Import['target'] {
  if (!specifier.startsWith('.')) return { name: specifier };
  return { room: roomOf(normalize(join(dirname(file), specifier))) };
}

/** `lambdas/store/control-table.ts` is in `lambdas/store`, `local/http/cors.ts` in `local`. */
function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'lambdas' ? `${first}/${second}` : first;
}

function sourcesOf(directory: string): string[] {
  const entries = readdirSync(join(root, directory), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(ts|mjs)$/.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

const present = ['bin', 'lib', 'lambdas', 'local', 'cli', 'console'].filter((name) => readdirSync(root).includes(name));
const imports = present.flatMap(sourcesOf).flatMap(importsOf);

function isAllowed({ room, target, typesOnly }: Import): boolean {
  if ('name' in target) {
    return packages.every(({ name, rooms }) => !name.test(target.name) || rooms.includes(room));
  }
  // A file of the top, e.g. package.json.
  if (!(target.room in mayImport) || target.room === room) return true;
  const allowed = [...(mayImport[room] ?? []), ...(typesOnly ? (mayImportTypes[room] ?? []) : [])];
  return allowed.includes(target.room);
}

function describeImport({ file, target, typesOnly }: Import): string {
  return `${file} imports ${typesOnly ? 'types of ' : ''}${'name' in target ? target.name : target.room}`;
}

describe('GIVEN the rooms of the repository', () => {
  it('WHEN their imports are read THEN each is one that its room may have', () => {
    expect(imports.filter((found) => !isAllowed(found)).map(describeImport)).toEqual([]);
  });

  it('WHEN a room is added THEN it is in the table', () => {
    expect([...new Set(imports.map(({ room }) => room))].filter((room) => !(room in mayImport))).toEqual([]);
  });

  it('WHEN the reader of imports is asked THEN it knows the shapes that imports have here', () => {
    const found = importsOf('test/rooms.test.ts');
    expect(found).toContainEqual(expect.objectContaining({ target: { name: 'node:fs' }, typesOnly: false }));
    // Enough of the real ones are seen, with and without `type`, over one line and over several.
    expect(imports.filter(({ target }) => 'room' in target).length).toBeGreaterThan(200);
    expect(imports.filter(({ typesOnly }) => typesOnly).length).toBeGreaterThan(50);
  });
});
