import { Match, type Template } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from './synthesize.ts';
import { resourceOf, resourcesOf } from './template.ts';

let template: Template;
beforeAll(async () => {
  template = await synthesize('production', { reportDays: 30, workingDataDays: 3, corsOrigins: ['https://a.example'] });
});

describe('the sheet bucket', () => {
  it('GIVEN anybody WHEN they come without TLS or without right THEN the bucket is closed', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
    });
    const denied = (Condition: object) => Match.objectLike({ Effect: 'Deny', Action: 's3:*', Condition });
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          denied({ Bool: { 'aws:SecureTransport': 'false' } }),
          denied({ NumericLessThan: { 's3:TlsVersion': 1.2 } }),
        ]),
      },
    });
  });

  it('GIVEN a new object WHEN it is there THEN EventBridge hears of it from the bucket itself', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
    });
    expect(Object.keys(resourcesOf(template, 'Custom::S3BucketNotifications'))).toEqual([]);
  });

  it('GIVEN the days of a stage WHEN they are over THEN working data go first, sheets and reports later', () => {
    const { Rules } = resourceOf(template, 'AWS::S3::Bucket').Properties.LifecycleConfiguration;
    const days = Object.fromEntries(
      Rules.filter((rule: { Prefix?: string }) => rule.Prefix).map(
        (rule: { Prefix: string; ExpirationInDays: number }) => [rule.Prefix, rule.ExpirationInDays],
      ),
    );
    expect(days).toEqual({
      'uploads/': 30,
      'scheduled/': 395,
      'previews/': 1,
      'inbox/': 30,
      'reports/': 30,
      'chunks/': 3,
      'results/': 3,
      'mapping/': 3,
      'journal/': 30,
    });
    expect(Rules).toContainEqual(
      expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
    );
  });

  it('GIVEN a browser WHEN it uploads in parts from an allowed origin THEN it may read the ETag of each part', () => {
    template.hasResourceProperties('AWS::S3::Bucket', {
      CorsConfiguration: {
        CorsRules: [Match.objectLike({ AllowedOrigins: ['https://a.example'], ExposedHeaders: ['ETag'] })],
      },
    });
  });
});

describe('the tables', () => {
  it('GIVEN any table WHEN read THEN it has text keys, is paid by use, can be restored and is guarded', () => {
    const tables = Object.values(resourcesOf(template, 'AWS::DynamoDB::Table'));
    expect(tables).toHaveLength(4);
    for (const { Properties, DeletionPolicy } of tables) {
      expect(DeletionPolicy).toBe('Retain');
      expect(Properties).toMatchObject({
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        BillingMode: 'PAY_PER_REQUEST',
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        SSESpecification: { SSEEnabled: true },
        DeletionProtectionEnabled: true,
      });
    }
  });

  it('GIVEN the tracking and mapping tables WHEN a row is written THEN no index doubles its cost', () => {
    for (const start of ['TablesTracking', 'TablesMapping']) {
      expect(resourceOf(template, 'AWS::DynamoDB::Table', start).Properties.GlobalSecondaryIndexes).toBeUndefined();
    }
  });

  it('GIVEN the control table WHEN actions are listed THEN by account, by reference, and open ones by deadline', () => {
    const { Properties } = resourceOf(template, 'AWS::DynamoDB::Table', 'TablesControl');
    const keys = Properties.GlobalSecondaryIndexes.map(
      ({ IndexName, KeySchema }: { IndexName: string; KeySchema: { AttributeName: string }[] }) => [
        IndexName,
        ...KeySchema.map(({ AttributeName }) => AttributeName),
      ],
    );
    expect(keys).toEqual([
      ['gsi1', 'gsi1pk', 'gsi1sk'],
      ['gsi2', 'gsi2pk', 'gsi2sk'],
      ['gsi3', 'openpk', 'opensk'],
    ]);
    expect(Properties.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
  });

  it('GIVEN a stage that does not protect its data WHEN the stack goes THEN tables and bucket go with it', async () => {
    const dev = await synthesize('dev');
    for (const type of ['AWS::DynamoDB::Table', 'AWS::S3::Bucket']) {
      for (const { DeletionPolicy, Properties } of Object.values(resourcesOf(dev, type))) {
        expect(DeletionPolicy).toBe('Delete');
        expect(Properties.DeletionProtectionEnabled ?? false).toBe(false);
      }
    }
  });
});
