import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import * as events from 'aws-cdk-lib/aws-events';
import * as targets from 'aws-cdk-lib/aws-events-targets';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as kms from 'aws-cdk-lib/aws-kms';
import * as sns from 'aws-cdk-lib/aws-sns';
import * as subscriptions from 'aws-cdk-lib/aws-sns-subscriptions';
import { Construct } from 'constructs';
import { noCounts } from '../lambdas/model/action.ts';
import type { EndEvents } from './end-events.ts';

export interface EndMailProps {
  readonly endEvents: EndEvents;
  /** Who gets the mails. SNS asks there once whether they are wanted. */
  readonly address: string;
  /** Of the HTTP API, for the link. */
  readonly apiUrl: string;
}

/** A mail for people at each end of an action: verdict, counts, where the report is. */
export class EndMail extends Construct {
  constructor(scope: Construct, id: string, { endEvents, address, apiUrl }: EndMailProps) {
    super(scope, id);
    const topic = this.makeTopic();
    topic.addSubscription(new subscriptions.EmailSubscription(address));
    const send = (subject: string) =>
      new targets.SnsTopic(topic, { message: events.RuleTargetInput.fromMultilineText(letter(subject, apiUrl)) });
    // Two rules, since a letter cannot leave a word out when the event lacks what it stands for.
    new events.Rule(this, 'ActionEnded', {
      description: 'An action has ended, and somebody wants a mail about it.',
      eventPattern: { ...endEvents.pattern, detail: { dryRun: events.Match.doesNotExist() } },
      targets: [send('Bulk action')],
    });
    new events.Rule(this, 'DryRunEnded', {
      description: 'A dry run has ended, and the mail about it must not pass for one about entities.',
      eventPattern: { ...endEvents.pattern, detail: { dryRun: [true] } },
      targets: [send('Dry run, nothing was written: bulk action')],
    });
  }

  /** An encrypted topic needs a key of its own: the one that AWS keeps for SNS cannot be opened to EventBridge. */
  private makeTopic(): sns.Topic {
    const eventBridge = new iam.ServicePrincipal('events.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    });
    const masterKey = new kms.Key(this, 'Key', {
      description: "Mails about the ends of Rollcall's actions, on their way.",
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    masterKey.grantEncryptDecrypt(eventBridge);
    return new sns.Topic(this, 'Topic', { displayName: 'Rollcall', masterKey, enforceSSL: true });
  }
}

/** EventBridge puts the event's values in, and sends each line in quotes. */
function letter(subject: string, apiUrl: string): string {
  const of = (path: string) => events.EventField.fromPath(`$.detail.${path}`);
  const { rows, ...answers } = Object.fromEntries(Object.keys(noCounts).map((name) => [name, of(`counts.${name}`)]));
  const counted = Object.entries(answers).filter(([name]) => name !== 'pending');
  return [
    `${subject} ${of('status')}: ${of('processName')} for ${of('referenceId')} (account ${of('accountId')}).`,
    `Of ${rows} rows: ${counted.map(([name, count]) => `${count} ${name}`).join(', ')}.`,
    `Report, with an API key: ${apiUrl}${of('reportUrl')}`,
    `Action ${of('actionId')}, ended ${of('finishedAt')}.`,
  ].join('\n');
}
