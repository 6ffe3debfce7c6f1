/** Which resource types the local run acts on, and which have no effect on what a stack does here. */
import { isCustomResource, type StackModel } from '../assembly/stack-model.ts';

const ACTED_ON = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Authorizer',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SNS::Subscription',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::Scheduler::ScheduleGroup',
  'AWS::SecretsManager::Secret',
  'AWS::SSM::Parameter',
  'AWS::StepFunctions::StateMachine',
]);

/** Permissions, keys, logs and watching: a stack does the same without them. */
const WITHOUT_EFFECT = [
  'AWS::IAM::',
  'AWS::Logs::',
  'AWS::CloudWatch::',
  'AWS::CDK::Metadata',
  'AWS::KMS::',
  'AWS::XRay::',
  'AWS::ApplicationInsights::',
  'AWS::Lambda::Permission',
  'AWS::Lambda::LayerVersion',
  'AWS::S3::BucketPolicy',
  'AWS::SQS::QueuePolicy',
  'AWS::SNS::TopicPolicy',
  'AWS::SecretsManager::ResourcePolicy',
  'AWS::ApiGateway::Account',
];

/** What CDK adds for clean-up and logs on AWS has nothing to do here; bucket notifications are read from the template. */
export const CUSTOM_TYPES_WITHOUT_EFFECT = new Set([
  'Custom::LogRetention',
  'Custom::S3AutoDeleteObjects',
  'Custom::S3BucketNotifications',
]);

/** Whether anything that the local run acts on refers to the resource. */
export function isNeeded(stack: StackModel, logicalId: string): boolean {
  return stack.resources.some(
    ({ type, properties }) =>
      (ACTED_ON.has(type) || (isCustomResource(type) && !CUSTOM_TYPES_WITHOUT_EFFECT.has(type))) &&
      JSON.stringify(properties).includes(`"${logicalId}"`),
  );
}

/** A line for each type that somebody will miss. */
export function unknownTypes(stack: StackModel): string[] {
  const missed = stack.resources.filter(
    ({ type }) =>
      !ACTED_ON.has(type) && !isCustomResource(type) && !WITHOUT_EFFECT.some((prefix) => type.startsWith(prefix)),
  );
  const byType = Map.groupBy(missed, ({ type }) => type);
  return [...byType].map(
    ([type, resources]) =>
      `${type} does not exist here: ${resources.map(({ logicalId }) => logicalId).join(', ')} will be missing.`,
  );
}
