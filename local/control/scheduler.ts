/**
 * EventBridge Scheduler and the schedules of rules: one clock for both. Schedules that functions make are written down.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html
 */
import { arn } from '../assembly/aws-names.ts';
import type { StackModel } from '../assembly/stack-model.ts';
import type { Deliveries } from '../events/deliveries.ts';
import type { RuleTarget } from '../events/event-bus.ts';
import { targetInput } from '../events/target-input.ts';
import type { Journal } from '../state/journal.ts';
import { type RestAnswer, type RestRequest, type RestService, ServiceError } from './control-server.ts';
import { nextTime } from './schedule-expression.ts';

/** A schedule as the API takes and gives it. */
interface Schedule {
  Name: string;
  GroupName: string;
  ScheduleExpression: string;
  ScheduleExpressionTimezone?: string;
  State?: string;
  ActionAfterCompletion?: string;
  Target: { Arn: string; Input?: string; DeadLetterConfig?: { Arn?: string } };
}

export interface Scheduler {
  service: RestService;
  start(): void;
  stop(): void;
}

/** setTimeout takes no more. */
const LONGEST_SLEEP_MS = 2 ** 31 - 1;

export function createScheduler(stack: StackModel, deliveries: Deliveries, journal: Journal): Scheduler {
  const { database } = journal;
  database.exec(
    'CREATE TABLE IF NOT EXISTS schedules (groupName TEXT, name TEXT, schedule TEXT NOT NULL, dueAt INTEGER, PRIMARY KEY (groupName, name))',
  );
  const insert = database.prepare('INSERT OR IGNORE INTO schedules VALUES (?, ?, ?, ?)');
  const replace = database.prepare('UPDATE schedules SET schedule = ?, dueAt = ? WHERE groupName = ? AND name = ?');
  const setDue = database.prepare('UPDATE schedules SET dueAt = ? WHERE groupName = ? AND name = ?');
  const remove = database.prepare('DELETE FROM schedules WHERE groupName = ? AND name = ?');
  const select = database.prepare('SELECT schedule FROM schedules WHERE groupName = ? AND name = ?');
  const rules = readScheduledRules(stack);
  let timer: NodeJS.Timeout | undefined;
  let started = false;

  function plan(): void {
    clearTimeout(timer);
    if (!started) return;
    const stored = database.prepare('SELECT min(dueAt) AS due FROM schedules').get()?.due as number | null;
    const due = Math.min(stored ?? Number.POSITIVE_INFINITY, ...rules.map(({ dueAt }) => dueAt));
    if (due === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(fire, Math.min(Math.max(0, due - Date.now()), LONGEST_SLEEP_MS));
  }

  function fire(): void {
    const now = Date.now();
    for (const row of database.prepare('SELECT schedule FROM schedules WHERE dueAt <= ?').all(now)) {
      fireSchedule(JSON.parse(row.schedule as string) as Schedule, now);
    }
    for (const rule of rules.filter(({ dueAt }) => dueAt <= now)) {
      rule.dueAt = nextTime(rule.expression, now) ?? Number.POSITIVE_INFINITY;
      deliveries.add(
        rule.targets.map((target) => ({
          targetArn: target.Arn,
          payload: targetInput(scheduledEvent(rule.arn, now), target),
        })),
      );
    }
    plan();
  }

  function fireSchedule(schedule: Schedule, now: number): void {
    const { GroupName, Name, Target, ScheduleExpression, ActionAfterCompletion } = schedule;
    const next = ScheduleExpression.startsWith('at(') ? undefined : nextTime(ScheduleExpression, now);
    journal.together(() => {
      deliveries.add([{ ...resolveTarget(Target), deadLetterArn: Target.DeadLetterConfig?.Arn }]);
      if (next === undefined && ActionAfterCompletion === 'DELETE') remove.run(GroupName, Name);
      else setDue.run(next ?? null, GroupName, Name);
    });
  }

  function create(groupName: string, name: string, body: string): RestAnswer {
    const schedule = { ...(JSON.parse(body) as Schedule), Name: name, GroupName: groupName };
    const { changes } = insert.run(groupName, name, JSON.stringify(schedule), firstDue(schedule));
    if (changes === 0) throw new ServiceError('ConflictException', `Schedule ${name} already exists.`, 409);
    plan();
    return { body: { ScheduleArn: scheduleArn(schedule) } };
  }

  function existing(groupName: string, name: string): Schedule {
    const row = select.get(groupName, name);
    if (!row) throw new ServiceError('ResourceNotFoundException', `Schedule ${name} does not exist.`, 404);
    return JSON.parse(row.schedule as string) as Schedule;
  }

  function change(groupName: string, name: string, body: string): RestAnswer {
    existing(groupName, name);
    const schedule = { ...(JSON.parse(body) as Schedule), Name: name, GroupName: groupName };
    replace.run(JSON.stringify(schedule), firstDue(schedule), groupName, name);
    plan();
    return { body: { ScheduleArn: scheduleArn(schedule) } };
  }

  function list(query: URLSearchParams): RestAnswer {
    const [group, prefix = ''] = [query.get('ScheduleGroup'), query.get('NamePrefix') ?? ''];
    const rows = database.prepare('SELECT schedule FROM schedules ORDER BY groupName, name').all();
    const schedules = rows
      .map((row) => JSON.parse(row.schedule as string) as Schedule)
      .filter(({ GroupName, Name }) => (!group || GroupName === group) && Name.startsWith(prefix));
    return {
      body: {
        Schedules: schedules.map((schedule) => ({
          Arn: scheduleArn(schedule),
          Name: schedule.Name,
          GroupName: schedule.GroupName,
          State: schedule.State ?? 'ENABLED',
          Target: { Arn: schedule.Target.Arn },
        })),
      },
    };
  }

  function handle({ method, path, query, body }: RestRequest): RestAnswer | undefined {
    const [kind, name] = path;
    if (kind !== 'schedules') return undefined;
    if (!name) return method === 'GET' ? list(query) : undefined;
    const group =
      query.get('groupName') ?? (body ? ((JSON.parse(body) as Partial<Schedule>).GroupName ?? 'default') : 'default');
    if (method === 'POST') return create(group, name, body);
    if (method === 'PUT') return change(group, name, body);
    const schedule = existing(group, name);
    if (method === 'GET')
      return { body: { ...schedule, Arn: scheduleArn(schedule), State: schedule.State ?? 'ENABLED' } };
    if (method !== 'DELETE') return undefined;
    remove.run(group, name);
    plan();
    return { body: {} };
  }

  return {
    service: handle,
    start() {
      started = true;
      plan();
    },
    stop() {
      started = false;
      clearTimeout(timer);
    },
  };
}

function firstDue({ ScheduleExpression, ScheduleExpressionTimezone = 'UTC', State }: Schedule): number | null {
  if (!['UTC', 'Etc/UTC'].includes(ScheduleExpressionTimezone)) {
    throw new ServiceError(
      'ValidationException',
      `The local run knows the time zone UTC only, not ${ScheduleExpressionTimezone}.`,
    );
  }
  return State === 'DISABLED' ? null : (nextTime(ScheduleExpression, Date.now()) ?? null);
}

/** The universal target for StartExecution carries the state machine in its input. */
function resolveTarget({ Arn, Input = '{}' }: Schedule['Target']): { targetArn: string; payload: string } {
  if (!Arn.startsWith('arn:aws:scheduler:::aws-sdk:sfn:startExecution')) return { targetArn: Arn, payload: Input };
  const request = JSON.parse(Input) as { StateMachineArn: string; Input?: string };
  return { targetArn: request.StateMachineArn, payload: request.Input ?? '{}' };
}

function scheduleArn({ GroupName, Name }: Schedule): string {
  return arn('scheduler', `schedule/${GroupName}/${Name}`);
}

interface ScheduledRule {
  arn: string;
  expression: string;
  targets: RuleTarget[];
  dueAt: number;
}

function readScheduledRules(stack: StackModel): ScheduledRule[] {
  return stack.ofType('AWS::Events::Rule').flatMap((resource): ScheduledRule[] => {
    const {
      ScheduleExpression,
      State,
      Targets = [],
    } = stack.properties<{ ScheduleExpression?: string; State?: string; Targets?: RuleTarget[] }>(resource);
    if (!ScheduleExpression || State === 'DISABLED') return [];
    const dueAt = nextTime(ScheduleExpression, Date.now()) ?? Number.POSITIVE_INFINITY;
    return [
      {
        arn: stack.resolve<string>({ 'Fn::GetAtt': [resource.logicalId, 'Arn'] }),
        expression: ScheduleExpression,
        targets: Targets,
        dueAt,
      },
    ];
  });
}

function scheduledEvent(ruleArn: string, now: number) {
  return {
    version: '0',
    id: crypto.randomUUID(),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: `${new Date(now).toISOString().slice(0, 19)}Z`,
    region: 'us-east-1',
    resources: [ruleArn],
    detail: {},
  };
}
