import { Construct } from 'constructs';
import type { DataTables } from './data-tables.ts';
import type { EndEvents } from './end-events.ts';
import { lastResort } from './last-resort.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';
import { toldByEvents } from './told-by-events.ts';

export interface AccountFiguresProps {
  readonly stage: Stage;
  readonly tables: DataTables;
  readonly endEvents: EndEvents;
}

/** What each action came to becomes part of its account's figures, and is measured: by its event, off its way. */
export class AccountFigures extends Construct {
  constructor(scope: Construct, id: string, { stage, tables, endEvents }: AccountFiguresProps) {
    super(scope, id);
    const countAction = new RollcallFunction(this, {
      stage,
      name: 'count-action',
      environment: {
        CONTROL_TABLE: tables.control.tableName,
        METRICS_BY_ACCOUNT: String(stage.settings.metricsByAccount),
      },
    });
    tables.control.allow(countAction, 'get', 'update');
    const uncounted = lastResort(this, 'UncountedEnds', {
      of: 'the rule and of count-action',
      alarm: {
        id: 'EndsUncounted',
        description:
          "An action ended and count-action could not be told, or failed on it: its account's figures lack it.",
        runbook: 'ends-uncounted',
      },
    });
    toldByEvents(this, 'ActionEnded', {
      description: "An action has ended and belongs into its account's figures.",
      eventPattern: endEvents.pattern,
      told: countAction,
      lastResort: uncounted,
    });
  }
}
