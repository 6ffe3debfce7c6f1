/** Secrets Manager: the template's secrets, generated once, and those that functions make. */
import { randomInt, randomUUID } from 'node:crypto';
import { arn } from '../assembly/aws-names.ts';
import type { StackModel } from '../assembly/stack-model.ts';
import type { Journal } from '../state/journal.ts';
import { type JsonActions, ServiceError } from './control-server.ts';

export interface Secrets {
  /** @throws Error when there is no such secret */
  value(nameOrArn: string): string;
  actions: JsonActions;
}

interface GenerateSecretString {
  SecretStringTemplate?: string;
  GenerateStringKey?: string;
  PasswordLength?: number;
  ExcludeCharacters?: string;
  ExcludePunctuation?: boolean;
  ExcludeNumbers?: boolean;
  ExcludeUppercase?: boolean;
  ExcludeLowercase?: boolean;
}

interface SecretRow {
  name: string;
  value: string;
  versionId: string;
  createdAt: number;
}

export function createSecrets(stack: StackModel, journal: Journal): Secrets {
  const { database } = journal;
  database.exec(
    'CREATE TABLE IF NOT EXISTS secrets (name TEXT PRIMARY KEY, value TEXT NOT NULL, versionId TEXT NOT NULL, createdAt INTEGER NOT NULL)',
  );
  const insert = database.prepare('INSERT OR IGNORE INTO secrets VALUES (?, ?, ?, ?)');
  const update = database.prepare('UPDATE secrets SET value = ?, versionId = ? WHERE name = ?');
  const select = database.prepare('SELECT * FROM secrets WHERE name = ?');

  for (const resource of stack.ofType('AWS::SecretsManager::Secret')) {
    const { SecretString, GenerateSecretString } = stack.properties<{
      SecretString?: string;
      GenerateSecretString?: GenerateSecretString;
    }>(resource);
    insert.run(
      stack.nameOf(resource.logicalId),
      SecretString ?? generate(GenerateSecretString ?? {}),
      randomUUID(),
      Date.now(),
    );
  }

  const existing = (id: unknown): SecretRow => {
    const row = select.get(nameOf(String(id))) as SecretRow | undefined;
    if (!row) throw new ServiceError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    return row;
  };
  const identity = ({ name, versionId }: SecretRow) => ({ ARN: secretArn(name), Name: name, VersionId: versionId });

  return {
    value: (nameOrArn) => existing(nameOrArn).value,
    actions: {
      'secretsmanager.GetSecretValue': ({ SecretId }) => {
        const row = existing(SecretId);
        return {
          ...identity(row),
          SecretString: row.value,
          VersionStages: ['AWSCURRENT'],
          CreatedDate: row.createdAt / 1000,
        };
      },
      'secretsmanager.DescribeSecret': ({ SecretId }) => {
        const { name, versionId, createdAt } = existing(SecretId);
        return {
          ARN: secretArn(name),
          Name: name,
          CreatedDate: createdAt / 1000,
          VersionIdsToStages: { [versionId]: ['AWSCURRENT'] },
        };
      },
      'secretsmanager.PutSecretValue': ({ SecretId, SecretString, ClientRequestToken = randomUUID() }) => {
        const { name } = existing(SecretId);
        update.run(String(SecretString), String(ClientRequestToken), name);
        return { ...identity(existing(name)), VersionStages: ['AWSCURRENT'] };
      },
      'secretsmanager.CreateSecret': ({ Name, SecretString = '', ClientRequestToken = randomUUID() }) => {
        const { changes } = insert.run(String(Name), String(SecretString), String(ClientRequestToken), Date.now());
        if (changes === 0) throw new ServiceError('ResourceExistsException', `The secret ${Name} already exists.`);
        return identity(existing(Name));
      },
    },
  };
}

function secretArn(name: string): string {
  return arn('secretsmanager', `secret:${name}`);
}

function nameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.split(':').slice(6).join(':') : nameOrArn;
}

const DEFAULT_LENGTH = 32;

function generate(options: GenerateSecretString): string {
  const groups = [
    options.ExcludeLowercase ? '' : 'abcdefghijklmnopqrstuvwxyz',
    options.ExcludeUppercase ? '' : 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
    options.ExcludeNumbers ? '' : '0123456789',
    options.ExcludePunctuation ? '' : '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
  ];
  const excluded = new Set(options.ExcludeCharacters ?? '');
  const alphabet = [...groups.join('')].filter((character) => !excluded.has(character));
  const password = Array.from(
    { length: options.PasswordLength ?? DEFAULT_LENGTH },
    () => alphabet[randomInt(alphabet.length)],
  ).join('');
  if (!options.SecretStringTemplate || !options.GenerateStringKey) return password;
  return JSON.stringify({ ...JSON.parse(options.SecretStringTemplate), [options.GenerateStringKey]: password });
}
