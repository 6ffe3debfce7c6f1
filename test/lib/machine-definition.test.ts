import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DefinitionError, readDefinition } from '../../lib/machine-definition.ts';

const placeholder = (name: string) => `$\{${name}}`;
const directory = mkdtempSync(join(tmpdir(), 'rollcall-definition-'));
const file = join(directory, 'machine.asl.json');
beforeAll(() => {
  const states = {
    Step: {
      Resource: placeholder('Step'),
      MaxConcurrency: placeholder('Width'),
      Retry: placeholder('Retry'),
      Comment: `costs ${placeholder('Width')}`,
    },
  };
  writeFileSync(file, JSON.stringify({ States: states }));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('a state machine definition', () => {
  it('GIVEN values WHEN read THEN they take the place of whole strings, and deferred ones stay', () => {
    expect(readDefinition(file, { Width: 3, Retry: [{ MaxAttempts: 1 }] }, ['Step'])).toEqual({
      States: {
        Step: {
          Resource: placeholder('Step'),
          MaxConcurrency: 3,
          Retry: [{ MaxAttempts: 1 }],
          Comment: `costs ${placeholder('Width')}`,
        },
      },
    });
  });

  it('GIVEN a placeholder that nothing fills WHEN read THEN the error names it', () => {
    const reading = () => readDefinition(file, { Width: 3 }, ['Step']);
    expect(reading).toThrow(DefinitionError);
    expect(reading).toThrow('nothing fills in Retry');
  });

  it('GIVEN a value without a placeholder WHEN read THEN the error names it', () => {
    expect(() => readDefinition(file, { Width: 3, Retry: [], Depth: 4 }, ['Step'])).toThrow('no placeholder for Depth');
  });
});
