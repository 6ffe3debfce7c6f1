/** EventBridge's buses: events are matched with the template's rules and handed to the deliveries. */
import { randomUUID } from 'node:crypto';
import { ACCOUNT_ID, REGION } from '../assembly/aws-names.ts';
import type { StackModel } from '../assembly/stack-model.ts';
import type { Deliveries } from './deliveries.ts';
import { compilePattern, type EventPattern } from './event-pattern.ts';
import { type TargetInput, targetInput } from './target-input.ts';

/** An event as its sender gives it. */
export interface EventEntry {
  source: string;
  detailType: string;
  detail: unknown;
  resources?: string[];
  /** ISO 8601; now if absent. */
  time?: string;
  busName?: string;
}

export interface RuleTarget extends TargetInput {
  Arn: string;
  DeadLetterConfig?: { Arn?: string };
}

interface Rule {
  busName: string;
  matches(event: unknown): boolean;
  targets: RuleTarget[];
}

export interface EventBus {
  /** Written down when this returns. Answers the event's id. */
  put(entry: EventEntry): string;
  /** Whether any rule would take the event. */
  isWanted(entry: EventEntry): boolean;
}

interface RuleProperties {
  EventPattern?: EventPattern;
  EventBusName?: string;
  State?: string;
  Targets?: RuleTarget[];
}

export function createEventBus(stack: StackModel, deliveries: Deliveries): EventBus {
  const rules = stack.ofType('AWS::Events::Rule').flatMap((resource): Rule[] => {
    const { EventPattern: pattern, EventBusName, State, Targets = [] } = stack.properties<RuleProperties>(resource);
    if (!pattern || State === 'DISABLED') return [];
    return [{ busName: busNameOf(EventBusName), matches: compilePattern(pattern), targets: Targets }];
  });
  const matching = (entry: EventEntry, event: unknown): Rule[] =>
    rules.filter((rule) => rule.busName === busNameOf(entry.busName) && rule.matches(event));

  return {
    put(entry) {
      const event = complete(entry);
      const targets = matching(entry, event).flatMap((rule) => rule.targets);
      deliveries.add(
        targets.map((target) => ({
          targetArn: target.Arn,
          payload: targetInput(event, target),
          deadLetterArn: target.DeadLetterConfig?.Arn,
        })),
      );
      return event.id;
    },
    isWanted: (entry) => matching(entry, complete(entry)).length > 0,
  };
}

function complete({ source, detailType, detail, resources = [], time }: EventEntry) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': detailType,
    source,
    account: ACCOUNT_ID,
    time: time ?? `${new Date().toISOString().slice(0, 19)}Z`,
    region: REGION,
    resources,
    detail,
  };
}

/** Buses are named by name or ARN. */
function busNameOf(nameOrArn = 'default'): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1);
}
