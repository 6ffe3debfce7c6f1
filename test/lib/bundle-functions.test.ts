import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bundleFunctions, MissingFunctionError } from '../../lib/bundle-functions.ts';

const zod = import.meta.resolve('zod').replace('file://', '');

let directory: string;
let source: string;
let outdir: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'rollcall-bundle-'));
  source = join(directory, 'functions');
  outdir = join(directory, 'bundles');
  mkdirSync(source);
});
afterEach(() => rmSync(directory, { recursive: true }));

describe('bundling', () => {
  it('GIVEN functions WHEN bundled THEN each is one ES module that runs by itself, with its map beside it', async () => {
    writeFileSync(join(source, 'shared.cjs'), "module.exports = { join: require('node:path').join };");
    writeFileSync(
      join(source, 'one.ts'),
      "import shared from './shared.cjs';\nexport const handler = () => shared.join('a', 'b');",
    );
    writeFileSync(
      join(source, 'two.ts'),
      'class RowError extends Error {}\nexport const handler = () => RowError.name;',
    );
    await bundleFunctions({ names: ['one', 'two'], source, outdir });
    expect(readdirSync(join(outdir, 'one')).sort()).toEqual(['index.mjs', 'index.mjs.map']);
    const load = (name: string) => import(pathToFileURL(join(outdir, name, 'index.mjs')).href);
    expect((await load('one')).handler()).toBe('a/b');
    expect((await load('two')).handler()).toBe('RowError');
  });

  it('GIVEN a function with schemas WHEN bundled THEN it speaks English and brings no other language', async () => {
    writeFileSync(
      join(source, 'schema.ts'),
      `import { z } from '${zod}';\nexport const handler = (value: unknown) => z.string().safeParse(value).error?.message;`,
    );
    await bundleFunctions({ names: ['schema'], source, outdir });
    const { handler } = await import(pathToFileURL(join(outdir, 'schema', 'index.mjs')).href);
    expect(handler(1)).toContain('expected string');
    expect(readFileSync(join(outdir, 'schema', 'index.mjs'), 'utf8')).not.toContain('Ungültige');
  });

  it('GIVEN names without a source WHEN bundled THEN the error names all of them and where they belong', async () => {
    writeFileSync(join(source, 'one.ts'), 'export const handler = () => 1;');
    const bundling = bundleFunctions({ names: ['one', 'two', 'three'], source, outdir });
    await expect(bundling).rejects.toThrow(MissingFunctionError);
    await expect(bundling).rejects.toThrow(`No source file for two, three: expected ${source}/{name}.ts`);
  });
});
