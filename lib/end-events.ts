import * as events from 'aws-cdk-lib/aws-events';
import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { endEventType } from '../lambdas/model/end-event.ts';

/** Where actions' ends are told: the account's default bus, so that other systems can listen by a rule of their own. */
export class EndEvents extends Construct {
  /** What a function that tells of ends has to know. */
  readonly environment: { readonly EVENT_BUS_NAME: string };
  /** What a rule for all of them matches. */
  readonly pattern: events.EventPattern = { source: ['rollcall'], detailType: [endEventType] };
  private readonly bus: events.IEventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bus = events.EventBus.fromEventBusName(this, 'Bus', 'default');
    this.environment = { EVENT_BUS_NAME: this.bus.eventBusName };
  }

  /** Lets a function end actions, of which the world is told. */
  allowTell(teller: iam.IGrantable): void {
    this.bus.grantPutEventsTo(teller);
  }
}
