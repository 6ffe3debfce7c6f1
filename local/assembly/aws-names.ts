/** The names, ARNs and attributes that CloudFormation would give to each resource, made up locally but stable over restarts. */

export const ACCOUNT_ID = '000000000000';
export const REGION = 'us-east-1';

export function arn(service: string, resource: string, { region = REGION, account = ACCOUNT_ID } = {}): string {
  return `arn:aws:${service}:${region}:${account}:${resource}`;
}

/** The last segment of an ARN without its qualifier, e.g. the function's name of a function ARN with alias. */
export function functionNameOf(nameOrArn: string): string {
  const [, , , , , kind, name] = nameOrArn.split(':');
  return kind === 'function' && name ? name : (nameOrArn.split(':')[0] ?? nameOrArn);
}

/** What a resource answers to `Ref` and `Fn::GetAtt`. */
export interface ResourceIdentity {
  ref: string;
  attributes: Record<string, unknown>;
}

/** Where the local parts answer, which some names contain. */
export interface LocalAddresses {
  apiUrl: string;
  queueUrlBase: string;
}

type Identify = (name: string, properties: Record<string, unknown>, addresses: LocalAddresses) => ResourceIdentity;

const named =
  (service: string, resource: (name: string) => string, extra: Record<string, unknown> = {}): Identify =>
  (name) => ({ ref: name, attributes: { Arn: arn(service, resource(name)), ...extra } });

const byArn =
  (service: string, resource: (name: string) => string, attribute = 'Arn'): Identify =>
  (name) => {
    const ref = arn(service, resource(name));
    return { ref, attributes: { [attribute]: ref, Arn: ref, Name: name } };
  };

const table: Identify = (name) => ({
  ref: name,
  attributes: {
    Arn: arn('dynamodb', `table/${name}`),
    StreamArn: arn('dynamodb', `table/${name}/stream/local`),
    TableId: name,
  },
});

const identities: Record<string, { nameProperty: string; identify: Identify }> = {
  'AWS::DynamoDB::Table': { nameProperty: 'TableName', identify: table },
  'AWS::DynamoDB::GlobalTable': { nameProperty: 'TableName', identify: table },
  'AWS::S3::Bucket': {
    nameProperty: 'BucketName',
    identify: (name) => ({
      ref: name,
      attributes: {
        Arn: `arn:aws:s3:::${name}`,
        DomainName: `${name}.s3.amazonaws.com`,
        RegionalDomainName: `${name}.s3.${REGION}.amazonaws.com`,
      },
    }),
  },
  'AWS::SQS::Queue': {
    nameProperty: 'QueueName',
    identify: (name, _properties, { queueUrlBase }) => {
      const url = `${queueUrlBase}/${ACCOUNT_ID}/${name}`;
      return { ref: url, attributes: { Arn: arn('sqs', name), QueueName: name, QueueUrl: url } };
    },
  },
  'AWS::Lambda::Function': { nameProperty: 'FunctionName', identify: named('lambda', (name) => `function:${name}`) },
  'AWS::Events::Rule': { nameProperty: 'Name', identify: named('events', (name) => `rule/${name}`) },
  'AWS::Events::EventBus': {
    nameProperty: 'Name',
    identify: (name) => ({ ref: name, attributes: { Arn: arn('events', `event-bus/${name}`), Name: name } }),
  },
  'AWS::StepFunctions::StateMachine': {
    nameProperty: 'StateMachineName',
    identify: byArn('states', (name) => `stateMachine:${name}`),
  },
  'AWS::ApiGatewayV2::Api': {
    nameProperty: 'None',
    identify: (name, _properties, { apiUrl }) => ({ ref: name, attributes: { ApiEndpoint: apiUrl, ApiId: name } }),
  },
  'AWS::ApiGatewayV2::Stage': {
    nameProperty: 'StageName',
    identify: (name) => ({ ref: name, attributes: {} }),
  },
  'AWS::SecretsManager::Secret': {
    nameProperty: 'Name',
    identify: (name) => ({
      ref: arn('secretsmanager', `secret:${name}`),
      attributes: { Id: arn('secretsmanager', `secret:${name}`) },
    }),
  },
  'AWS::SNS::Topic': {
    nameProperty: 'TopicName',
    identify: (name) => ({ ref: arn('sns', name), attributes: { TopicArn: arn('sns', name), TopicName: name } }),
  },
  'AWS::IAM::Role': {
    nameProperty: 'RoleName',
    identify: (name) => ({ ref: name, attributes: { Arn: arn('iam', `role/${name}`, { region: '' }), RoleId: name } }),
  },
  'AWS::Logs::LogGroup': { nameProperty: 'LogGroupName', identify: named('logs', (name) => `log-group:${name}:*`) },
  'AWS::Scheduler::ScheduleGroup': {
    nameProperty: 'Name',
    identify: named('scheduler', (name) => `schedule-group/${name}`),
  },
  'AWS::SSM::Parameter': {
    nameProperty: 'Name',
    identify: (name, properties) => ({ ref: name, attributes: { Value: properties.Value, Type: properties.Type } }),
  },
};

const otherIdentity = {
  nameProperty: 'Name',
  identify: ((name) => ({ ref: name, attributes: { Arn: arn('local', name), Id: name } })) satisfies Identify,
};

/**
 * @param properties resolved as far as its name needs it
 */
export function identityOf(
  resource: { logicalId: string; type: string; properties: Record<string, unknown> },
  stackName: string,
  addresses: LocalAddresses,
): ResourceIdentity & { name: string } {
  const { nameProperty, identify } = identities[resource.type] ?? otherIdentity;
  const given = resource.properties[nameProperty];
  const name = typeof given === 'string' ? given : generatedName(resource, stackName);
  return { name, ...identify(name, resource.properties, addresses) };
}

function generatedName(
  { logicalId, type, properties }: { logicalId: string; type: string; properties: Record<string, unknown> },
  stackName: string,
): string {
  const name = `${stackName}-${logicalId}`;
  if (type === 'AWS::S3::Bucket')
    return name
      .toLowerCase()
      .slice(-63)
      .replace(/^[^a-z0-9]+/, '');
  // API ids are lower-case letters and digits; a URL with an upper-case host would not survive parsing.
  if (type === 'AWS::ApiGatewayV2::Api') return logicalId.toLowerCase();
  if (type === 'AWS::SQS::Queue') return properties.FifoQueue === true ? `${name.slice(-75)}.fifo` : name.slice(-80);
  if (type === 'AWS::Lambda::Function') return name.slice(-64);
  return name;
}
