import { seedAdminKey } from '../operations/seed-admin-key.ts';
import { customResourceHandler } from '../runtime/custom-resource-handler.ts';
import { readEnvironment } from '../runtime/environment.ts';
import { secretsClient } from '../store/aws-clients.ts';
import { openAccounts } from '../store/open-stores.ts';
import { readSecret } from '../store/secrets.ts';

const environment = readEnvironment('seed-admin-key');
const stores = openAccounts(environment);

/** At deploy: the administrator's key, which Secrets Manager made up, becomes valid. */
export const handler = customResourceHandler('seed-admin-key', 'admin-key', async () => {
  await seedAdminKey(stores, await readSecret(secretsClient(), environment.ADMIN_KEY_SECRET_ARN));
});
