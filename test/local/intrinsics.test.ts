// biome-ignore-all lint/suspicious/noTemplateCurlyInString: so Fn::Sub writes its variables
import { describe, expect, test } from 'vitest';
import type { Template } from '../../local/assembly/assembly.ts';
import { createStackModel } from '../../local/assembly/stack-model.ts';

const addresses = { apiUrl: 'http://127.0.0.1:4600', queueUrlBase: 'http://127.0.0.1:4601' };

function modelOf(template: Partial<Template>) {
  const assembly = { stackName: 'Trial', template: { Resources: {}, ...template }, assetPath: () => undefined };
  return createStackModel(assembly, addresses);
}

const stack = modelOf({
  Parameters: { Size: { Default: 3 } },
  Mappings: { Regions: { 'us-east-1': { short: 'use1' } } },
  Conditions: {
    IsHere: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    IsElsewhere: { 'Fn::Not': [{ Condition: 'IsHere' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsElsewhere' }, { Condition: 'IsHere' }] },
  },
  Resources: {
    Table1A2B3C4D: {
      Type: 'AWS::DynamoDB::Table',
      Properties: { TableName: { 'Fn::Join': ['-', ['rows', { Ref: 'Size' }]] } },
    },
    Queue: { Type: 'AWS::SQS::Queue' },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Api: { Type: 'AWS::ApiGatewayV2::Api' },
    Absent: { Type: 'AWS::SQS::Queue', Condition: 'IsElsewhere' },
    Made: { Type: 'Custom::Thing' },
  },
  Outputs: {
    Url: {
      Value: {
        'Fn::Join': [
          '',
          ['https://', { Ref: 'Api' }, '.execute-api.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }, '/'],
        ],
      },
    },
    Hidden: { Value: 'x', Condition: 'IsElsewhere' },
  },
});

describe('intrinsic functions', () => {
  test.each([
    [{ Ref: 'AWS::AccountId' }, '000000000000'],
    [{ Ref: 'Size' }, 3],
    [{ Ref: 'Table1A2B3C4D' }, 'rows-3'],
    [{ Ref: 'Queue' }, 'http://127.0.0.1:4601/000000000000/Trial-Queue'],
    [{ Ref: 'Bucket' }, 'trial-bucket'],
    [{ 'Fn::GetAtt': ['Queue', 'Arn'] }, 'arn:aws:sqs:us-east-1:000000000000:Trial-Queue'],
    [{ 'Fn::GetAtt': 'Table1A2B3C4D.Arn' }, 'arn:aws:dynamodb:us-east-1:000000000000:table/rows-3'],
    [{ 'Fn::Sub': '${AWS::Region}/${Queue.QueueName}/${!Literal}' }, 'us-east-1/Trial-Queue/${Literal}'],
    [{ 'Fn::Sub': ['${a}-${Size}', { a: { Ref: 'Bucket' } }] }, 'trial-bucket-3'],
    [{ 'Fn::Select': [1, { 'Fn::Split': [':', 'a:b:c'] }] }, 'b'],
    [{ 'Fn::FindInMap': ['Regions', { Ref: 'AWS::Region' }, 'short'] }, 'use1'],
    [{ 'Fn::If': ['IsHere', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['Either', { Ref: 'Size' }, 'no'] }, 3],
    [{ kept: 1, dropped: { 'Fn::If': ['IsElsewhere', 1, { Ref: 'AWS::NoValue' }] } }, { kept: 1 }],
    [[{ Ref: 'AWS::NoValue' }, 'a'], ['a']],
    [{ Condition: { StringEquals: { a: 'b' } } }, { Condition: { StringEquals: { a: 'b' } } }],
  ])('GIVEN %j WHEN it is resolved THEN it is %j', (value, expected) => {
    expect(stack.resolve(value)).toEqual(expected);
  });

  test('GIVEN outputs WHEN they are read THEN AWS hosts are local ones and those under a false condition are absent', () => {
    expect(stack.outputs()).toEqual({ Url: 'http://127.0.0.1:4600/' });
  });

  test('GIVEN a resource under a false condition WHEN resources are listed THEN it is none of them', () => {
    expect(stack.ofType('AWS::SQS::Queue').map(({ logicalId }) => logicalId)).toEqual(['Queue']);
  });

  test('GIVEN the hash that CDK appends WHEN it is left out THEN the resource is still found', () => {
    expect([stack.nameOf('Table'), stack.find('Tab')]).toEqual(['rows-3', undefined]);
  });

  test.each([
    [{ Ref: 'Nobody' }, 'refers to Nobody'],
    [{ 'Fn::GetAtt': ['Queue', 'Colour'] }, 'reads Colour of Queue (AWS::SQS::Queue)'],
    [{ 'Fn::ImportValue': 'x' }, 'Fn::ImportValue'],
    [{ Ref: 'Made' }, 'Made (Custom::Thing) is referred to before it was created'],
  ])('GIVEN %j WHEN it is resolved THEN the error says what is wrong', (value, message) => {
    expect(() => stack.resolve(value)).toThrow(message);
  });
});
