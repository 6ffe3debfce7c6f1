/** Runs the fixture in a process of its own, so that a test can kill it. Prints one line when it is up. */
import { startLocalStack } from '../../../local/local-stack.ts';

const [assemblyDirectory = '', stateDirectory = '', port = '0'] = process.argv.slice(2);
const stack = await startLocalStack({ assemblyDirectory, stateDirectory, port: Number(port), logTo: 'none' });
process.stdout.write(
  `${JSON.stringify({ endpoints: stack.endpoints, table: stack.nameOf('Table'), bucket: stack.nameOf('Bucket'), queue: stack.nameOf('Queue') })}\n`,
);
