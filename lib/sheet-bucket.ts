import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as s3 from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { longestWaitDays, type StageSettings } from '../lambdas/model/settings.ts';
import { acknowledge } from './acknowledge.ts';
import type { Stage } from './stage.ts';

/** The bucket's top-level folders; each access is granted folder by folder. */
export type SheetFolder =
  | 'uploads'
  | 'scheduled'
  | 'previews'
  | 'inbox'
  | 'chunks'
  | 'results'
  | 'journal'
  | 'mapping'
  | 'reports';

/**
 * Where sheets arrive, are worked on and reported about. Not versioned: a key is written by one action only, again with
 * the same bytes if at all, and versions would outlive the days after which people's data has to be gone.
 */
export class SheetBucket extends s3.Bucket {
  constructor(scope: Construct, id: string, { settings }: Stage) {
    super(scope, id, {
      encryption: s3.BucketEncryption.S3_MANAGED,
      blockPublicAccess: s3.BlockPublicAccess.BLOCK_ALL,
      objectOwnership: s3.ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: settings.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
      cors: [browserAccess(settings)],
      lifecycleRules: lifecycleRules(settings),
    });
    announceObjects(this);
    acknowledge(
      this,
      'AwsSolutions-S1',
      'Only the own functions and the addresses they presign reach the objects; both are logged. Access logs would be a second bucket to guard, with the sheet names in it.',
    );
  }

  /** Read objects under the folders. */
  allowRead(reader: iam.IGrantable, ...folders: SheetFolder[]): void {
    this.allow(reader, ['s3:GetObject'], folders);
  }

  /**
   * Ask for an object that may be missing: S3 answers 404 only to those who may list, and 403 to all others.
   */
  allowLookup(reader: iam.IGrantable, ...folders: SheetFolder[]): void {
    this.allowRead(reader, ...folders);
    iam.Grant.addToPrincipal({ grantee: reader, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] });
  }

  /** Write objects under the folders, large ones in parts. */
  allowWrite(writer: iam.IGrantable, ...folders: SheetFolder[]): void {
    this.allow(writer, ['s3:PutObject', 's3:AbortMultipartUpload'], folders);
  }

  /** Drop the parts of uploads under the folders that will not be completed. */
  allowAbort(grantee: iam.IGrantable, ...folders: SheetFolder[]): void {
    this.allow(grantee, ['s3:AbortMultipartUpload'], folders);
  }

  private allow(grantee: iam.IGrantable, actions: string[], folders: readonly SheetFolder[]): void {
    const resourceArns = folders.map((folder) => this.arnForObjects(`${folder}/*`));
    iam.Grant.addToPrincipal({ grantee, actions, resourceArns });
    for (const folder of folders) acknowledgeFolder(this, grantee, folder);
  }
}

/** The L2 property would do this through a custom resource and a function of its own; the bucket can do it itself. */
function announceObjects(bucket: s3.Bucket): void {
  const resource = bucket.node.defaultChild as s3.CfnBucket;
  resource.notificationConfiguration = { eventBridgeConfiguration: { eventBridgeEnabled: true } };
}

/** Browsers upload to presigned addresses, and read back each part's ETag to complete an upload in parts. */
function browserAccess({ corsOrigins }: StageSettings): s3.CorsRule {
  return {
    allowedOrigins: corsOrigins,
    allowedMethods: [s3.HttpMethods.GET, s3.HttpMethods.PUT, s3.HttpMethods.POST],
    allowedHeaders: ['*'],
    exposedHeaders: ['ETag'],
    maxAge: 3_600,
  };
}

function lifecycleRules({ reportDays, workingDataDays }: StageSettings): s3.LifecycleRule[] {
  const days: Record<SheetFolder, number> = {
    uploads: reportDays,
    // Those of other uploads, once their time has come.
    scheduled: longestWaitDays + reportDays,
    previews: 1,
    inbox: reportDays,
    chunks: workingDataDays,
    results: workingDataDays,
    // As long as an action can be undone.
    journal: reportDays,
    mapping: workingDataDays,
    reports: reportDays,
  };
  const expiry = Object.entries(days).map(([folder, expiresAfter]) => ({
    id: `expire-${folder}`,
    prefix: `${folder}/`,
    expiration: Duration.days(expiresAfter),
  }));
  // Presigned parts are good for half a day at most.
  return [...expiry, { id: 'abort-unfinished-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) }];
}

function acknowledgeFolder(bucket: s3.Bucket, { grantPrincipal }: iam.IGrantable, folder: SheetFolder): void {
  const logicalId = bucket.stack.getLogicalId(bucket.node.defaultChild as s3.CfnBucket);
  acknowledge(
    grantPrincipal as iam.Role,
    `AwsSolutions-IAM5[Resource::<${logicalId}.Arn>/${folder}/*]`,
    `Objects under ${folder}/ are named at run time, after accounts and actions.`,
  );
}
