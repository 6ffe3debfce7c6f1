/**
 * The pattern that tutorials show, as a CDK app: a sheet's upload starts a function that puts and sends each row; a
 * queue hands the rows to a function that creates the entities, updates the rows and deletes the messages. Run by itself it synthesizes into
 * `CDK_OUTDIR`. Everything is as CDK and the services have it by default, such as ten messages an invocation.
 */
import { join } from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as LambdaFunctionResource, Runtime } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Bucket, type CfnBucket } from 'aws-cdk-lib/aws-s3';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { bundleFunctions } from '../../lib/bundle-functions.ts';

const bundles = join(process.env.CDK_OUTDIR ?? 'cdk.out', 'bundles');

class TutorialStack extends Stack {
  constructor(app: App) {
    super(app, 'Tutorial');
    const rows = this.table('Rows');
    const entities = this.table('Entities');
    const queue = new Queue(this, 'Queue', { visibilityTimeout: Duration.minutes(5) });
    const reader = this.function('read-sheet', { ROWS_TABLE: rows.tableName, QUEUE_URL: queue.queueUrl });
    const consumer = this.function('create-entity', {
      ROWS_TABLE: rows.tableName,
      ENTITIES_TABLE: entities.tableName,
      QUEUE_URL: queue.queueUrl,
    });
    consumer.addEventSource(new SqsEventSource(queue));
    this.startWithUpload(reader);
    new CfnOutput(this, 'RowsTableName', { value: rows.tableName });
  }

  private table(id: string): Table {
    return new Table(this, id, {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    });
  }

  private function(name: string, environment: Record<string, string>): LambdaFunctionResource {
    return new LambdaFunctionResource(this, name, {
      runtime: Runtime.NODEJS_24_X,
      code: Code.fromAsset(join(bundles, name)),
      handler: 'index.handler',
      memorySize: 1024,
      timeout: Duration.minutes(5),
      environment,
    });
  }

  private startWithUpload(reader: LambdaFunctionResource): void {
    const bucket = new Bucket(this, 'Sheets');
    const events = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
    (bucket.node.defaultChild as CfnBucket).notificationConfiguration = events;
    new Rule(this, 'SheetUploaded', {
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [bucket.bucketName] } },
      },
      targets: [new LambdaFunction(reader)],
    });
    new CfnOutput(this, 'SheetBucketName', { value: bucket.bucketName });
  }
}

await bundleFunctions({
  names: ['read-sheet', 'create-entity'],
  source: join(import.meta.dirname, 'functions'),
  outdir: bundles,
});
const app = new App({ ...(process.env.CDK_OUTDIR && { outdir: process.env.CDK_OUTDIR }) });
new TutorialStack(app);
app.synth();
