import { App } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { stageSettingsSchema } from '../../lambdas/model/settings.ts';
import { readStage, StageError } from '../../lib/stage.ts';
import { context } from './synthesize.ts';

function read(given: Record<string, unknown>) {
  return readStage(new App({ context: given }).node);
}

describe('the stage', () => {
  it('GIVEN cdk.json WHEN each of its stages is read THEN its settings are valid', () => {
    for (const stage of Object.keys(context.stages as object)) {
      expect(read({ ...context, stage }).name).toBe(stage);
    }
  });

  it('GIVEN a stage without settings WHEN read THEN every default is in force', () => {
    const stage = read({ stage: 'production', stages: { production: {} } });
    expect(stage.settings).toEqual(stageSettingsSchema.parse({}));
  });

  it('GIVEN nothing said about the stage WHEN read THEN it is dev', () => {
    expect(read({ stages: { dev: { settleSeconds: 7 } } })).toMatchObject({
      name: 'dev',
      settings: { settleSeconds: 7 },
    });
  });

  it.each([
    ['text, as from a command line', '{"settleSeconds":3}'],
    ['an object', { settleSeconds: 3 }],
  ])('GIVEN overriding settings as %s WHEN read THEN they go before those of the stage', (_, settings) => {
    const stage = read({ stages: { dev: { settleSeconds: 7, stallSeconds: 70 } }, settings });
    expect(stage.settings).toMatchObject({ settleSeconds: 3, stallSeconds: 70 });
  });

  it.each([
    ['an unknown setting', { stages: { dev: { settleSecond: 7 } } }, /settings of stage "dev".*settleSecond/s],
    ['a wrong value', { stages: { dev: { stallSeconds: 'long' } } }, /settings of stage "dev".*stallSeconds/s],
    [
      'all wrong settings at once',
      { stages: { dev: { stallSeconds: 0, sweepMinutes: 0 } } },
      /stallSeconds.*sweepMinutes|sweepMinutes.*stallSeconds/s,
    ],
    ['a stage that is not there', { stage: 'staging', stages: { dev: {} } }, /no stage "staging".*Known: dev\./s],
    ['a name that no function could carry', { stage: 'My Stage', stages: {} }, /expected a lower-case letter/],
    ['settings that are no JSON', { stages: { dev: {} }, settings: '{settleSeconds:3}' }, /expected a JSON object/],
  ])('GIVEN %s WHEN read THEN the error names it', (_, given, message) => {
    const reading = () => read(given);
    expect(reading).toThrow(StageError);
    expect(reading).toThrow(message);
  });
});
