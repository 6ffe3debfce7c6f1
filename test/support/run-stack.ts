/** A program that runs the stack until it is killed: `node run-stack.ts ASSEMBLY STATE`. Prints its address as one line. */
import { bootStack } from './boot-stack.ts';

const [assembly = '', stateDirectory = ''] = process.argv.slice(2);
const { address } = await bootStack(assembly, { stateDirectory, redeliverAfterSeconds: 1 });
process.stdout.write(`${JSON.stringify(address)}\n`);
