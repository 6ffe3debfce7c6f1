import { type LocalStack, startLocalStack } from '../../local/local-stack.ts';
import type { LocalStackOptions } from '../../local/local-stack-options.ts';
import { output, resourcesOf, type StackAddress } from './stack-address.ts';

export interface BootedStack {
  readonly address: StackAddress;
  readonly local: LocalStack;
}

/** Boots the synthesized stack in this process, on any free ports; what it keeps goes when it stops. */
export async function bootStack(
  assemblyDirectory: string,
  options: Omit<Partial<LocalStackOptions>, 'assemblyDirectory' | 'port'> = {},
): Promise<BootedStack> {
  const local = await startLocalStack({ port: 0, logTo: 'none', report: () => {}, ...options, assemblyDirectory });
  return { local, address: addressOf(local) };
}

/** Where the stack's API and its parts are. */
export function addressOf({ apiUrl, outputs, endpoints, secret }: LocalStack): StackAddress {
  return {
    endpoint: apiUrl,
    key: secret(output(outputs, 'AdminKeySecretArn')),
    resources: { ...resourcesOf(outputs), endpoints: { dynamodb: endpoints.dynamodb, s3: endpoints.s3 } },
  };
}
