import { RemovalPolicy } from 'aws-cdk-lib';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as iam from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import type { Stage } from './stage.ts';

/** What a function may do with a table's items, by the calls it makes. */
const accesses = {
  get: ['dynamodb:GetItem'],
  query: ['dynamodb:Query'],
  read: ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'],
  /** These also in a transaction, which has no permission of its own. */
  put: ['dynamodb:PutItem'],
  update: ['dynamodb:UpdateItem'],
  delete: ['dynamodb:DeleteItem'],
  /** BatchExecuteStatement has no permission of its own; each statement needs its kind's. */
  insertStatements: ['dynamodb:PartiQLInsert'],
  updateStatements: ['dynamodb:PartiQLUpdate'],
  deleteStatements: ['dynamodb:PartiQLDelete'],
} as const;
export type TableAccess = keyof typeof accesses;

/** A global secondary index over `{name}pk` and `{name}sk`, unless its keys are named otherwise. */
export interface TableIndex {
  readonly name: string;
  readonly partitionKey?: string;
  readonly sortKey?: string;
}

export interface DataTableProps {
  readonly stage: Stage;
  readonly indexes?: readonly TableIndex[];
  /** The attribute with the second after which an item may go. */
  readonly expiry?: string;
}

/** A table with string keys `pk` and `sk`: paid by use, restorable to any second, guarded against deletion. */
export class DataTable extends dynamodb.Table {
  constructor(scope: Construct, id: string, { stage, indexes = [], expiry }: DataTableProps) {
    const { protectData } = stage.settings;
    super(scope, id, {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billingMode: dynamodb.BillingMode.PAY_PER_REQUEST,
      encryption: dynamodb.TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      timeToLiveAttribute: expiry,
    });
    for (const { name, partitionKey = `${name}pk`, sortKey = `${name}sk` } of indexes) {
      this.addGlobalSecondaryIndex({
        indexName: name,
        partitionKey: text(partitionKey),
        sortKey: text(sortKey),
        projectionType: dynamodb.ProjectionType.ALL,
      });
    }
  }

  /** Lets `grantee` do these things with the table's items, and nothing with its indexes. */
  allow(grantee: iam.IGrantable, ...wanted: TableAccess[]): void {
    const actions = wanted.flatMap((access) => accesses[access]);
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns: [this.tableArn] });
  }

  /** Lets `reader` query one index. */
  allowIndex(reader: iam.IGrantable, index: string): void {
    const resourceArns = [`${this.tableArn}/index/${index}`];
    iam.Grant.addToPrincipal({ grantee: reader, actions: ['dynamodb:Query'], resourceArns });
  }
}

function text(name: string): dynamodb.Attribute {
  return { name, type: dynamodb.AttributeType.STRING };
}
