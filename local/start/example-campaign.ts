/** The example campaign of the first start: what a campaign's sheets look like, and what becomes of their rows. */
import { join } from 'node:path';
import type { ApiClient } from '../../cli/api-client.ts';
import type { BulkActionList, BulkActionView } from '../../cli/api-types.ts';
import { duration, number } from '../../cli/format.ts';
import { ProgressDisplay } from '../../cli/progress.ts';
import { firstFindings } from '../../cli/row-findings.ts';
import { openSheet } from '../../cli/sheet-file.ts';
import { submitSheet } from '../../cli/submit-sheet.ts';
import { describeFindings, timeTaken } from '../../cli/summary.ts';
import { table } from '../../cli/table.ts';
import { bold, note, print } from '../../cli/terminal.ts';
import { hasEnded, watchAction } from '../../cli/watch-action.ts';

export const exampleReference = 'marova-2026';
const directory = join(import.meta.dirname, '../../examples/campaign');

interface Step {
  readonly fileName: string;
  readonly processName: string;
  /** Set for sheets with bad rows: the good ones are created all the same. */
  readonly onInvalidRow?: 'skip';
}
/** Not boundaries.csv: from then on the account's own sheets would be checked against the example's hierarchy. */
const steps: readonly Step[] = [
  { fileName: 'campaign.csv', processName: 'campaignCreation' },
  { fileName: 'facilities.xlsx', processName: 'facilityCreation', onInvalidRow: 'skip' },
  { fileName: 'users.csv', processName: 'userCreation', onInvalidRow: 'skip' },
  // Some facilities serve other boundaries now, and some are not used any more: the old mappings are detached.
  { fileName: 'facilities-moved.csv', processName: 'facilityCreation' },
];

/** Runs what is left to run of the example: all of it in an empty account, the rest after a start that was cut short. */
export async function runExampleCampaign(api: ApiClient, interrupted: AbortSignal): Promise<void> {
  const earlier = await earlierActions(api, exampleReference);
  if (earlier.length === 0 && (await earlierActions(api)).length > 0) return;
  const open = steps.filter((step) => {
    const action = earlierAction(step, earlier);
    return !action || !hasEnded(action);
  });
  if (open.length === 0) return;
  note(`Running the example campaign '${exampleReference}' …`);
  const actions: BulkActionView[] = [];
  for (const step of open) actions.push(await runStep(api, step, earlier, interrupted));
  await printOutcome(api, actions, interrupted);
}

async function earlierActions(api: ApiClient, referenceId?: string): Promise<BulkActionView[]> {
  return (await api.get<BulkActionList>('/api/bulk-actions', { referenceId, limit: 100 })).items;
}

/**
 * The step's action of an earlier start, if that got so far. Steps of one process ran in their order; actions whose sheet
 * never came do not count.
 */
function earlierAction(step: Step, earlier: readonly BulkActionView[]): BulkActionView | undefined {
  const ofProcess = ({ processName }: { readonly processName: string }) => processName === step.processName;
  const oldestFirst = earlier.filter((action) => ofProcess(action) && action.startedAt).reverse();
  return oldestFirst[steps.filter(ofProcess).indexOf(step)];
}

/** An action that a kill interrupted goes on by itself and is followed. */
async function runStep(
  api: ApiClient,
  step: Step,
  earlier: readonly BulkActionView[],
  interrupted: AbortSignal,
): Promise<BulkActionView> {
  note(`${step.fileName} → ${step.processName}`);
  const actionId = earlierAction(step, earlier)?.actionId ?? (await submit(api, step, interrupted));
  return watchAction(api, actionId, new ProgressDisplay(), interrupted);
}

async function submit(api: ApiClient, { fileName, ...submission }: Step, interrupted: AbortSignal): Promise<string> {
  const sheet = await openSheet(join(directory, fileName));
  return submitSheet(api, sheet, { ...submission, referenceId: exampleReference }, interrupted);
}

async function printOutcome(
  api: ApiClient,
  actions: readonly BulkActionView[],
  interrupted: AbortSignal,
): Promise<void> {
  print(`\n${bold(`Example campaign '${exampleReference}'`)}`);
  for (const line of overview(actions)) print(`  ${line}`);
  for (const action of actions) {
    const findings = describeFindings(action, await firstFindings(api, action, interrupted));
    if (findings.length === 0) continue;
    print(`\n${bold(`First errors of ${action.processName}`)}  (report: npx rollcall report ${action.actionId})`);
    for (const line of findings) print(`  ${line}`);
  }
}

/** Mappings are those of the reference and type once the action had ended, so the later sheet of facilities shows all. */
function overview(actions: readonly BulkActionView[]): string[] {
  const figures = ['rows', 'created', 'known', 'duplicate', 'invalid', 'failed'] as const;
  const mappings = ['mapped', 'detached'] as const;
  return table(
    [
      { title: 'process' },
      { title: 'status' },
      ...[...figures, ...mappings].map((title) => ({ title, align: 'right' as const })),
      { title: 'time', align: 'right' },
    ],
    actions.map(({ processName, status, counts, mapping, ...action }) => [
      processName,
      status,
      ...figures.map((figure) => number(counts[figure])),
      ...mappings.map((figure) => (mapping ? number(mapping[figure]) : '')),
      duration(timeTaken(action) ?? 0),
    ]),
  );
}
