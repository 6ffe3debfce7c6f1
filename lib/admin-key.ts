import { CustomResource, Duration, RemovalPolicy } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';
import type { DataTables } from './data-tables.ts';
import { RollcallFunction } from './rollcall-function.ts';
import type { Stage } from './stage.ts';

/** All that is printable in ASCII and neither letter nor digit. */
const punctuation = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

export interface AdminKeyProps {
  readonly stage: Stage;
  readonly tables: DataTables;
}

/**
 * The first API key: Secrets Manager makes it up at deploy, and a function puts its hash into the control table. Nobody
 * else ever sees it. The function answers CloudFormation itself, without a framework's functions in between.
 */
export class AdminKey extends Construct {
  readonly secret: secretsmanager.ISecret;

  constructor(scope: Construct, id: string, { stage, tables }: AdminKeyProps) {
    super(scope, id);
    this.secret = this.makeSecret(stage);
    const seed = new RollcallFunction(this, {
      stage,
      name: 'seed-admin-key',
      environment: { CONTROL_TABLE: tables.control.tableName, ADMIN_KEY_SECRET_ARN: this.secret.secretArn },
    });
    tables.control.allow(seed, 'put');
    this.secret.grantRead(seed);
    // Waits for the function, which waits for its role's policy.
    new CustomResource(this, 'Seeded', {
      resourceType: 'Custom::AdminKey',
      serviceToken: seed.functionArn,
      serviceTimeout: Duration.minutes(2),
      // Another secret is another key to seed.
      properties: { SecretArn: this.secret.secretArn },
    });
  }

  private makeSecret({ settings }: Stage): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, 'Secret', {
      description: 'The API key of the first administrator of Rollcall.',
      // Each character is named as well, because emulators of CloudFormation overlook the flag.
      generateSecretString: { passwordLength: 48, excludePunctuation: true, excludeCharacters: punctuation },
      removalPolicy: settings.protectData ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    acknowledge(
      secret,
      'AwsSolutions-SMG4',
      'API keys are revoked and replaced by their owner; a key that changed by itself would lock out whoever uses it.',
    );
    return secret;
  }
}
