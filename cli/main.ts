import { runCli } from './cli.ts';
import { endQuietlyOnClosedPipe } from './terminal.ts';

endQuietlyOnClosedPipe();
process.exitCode = await runCli(process.argv.slice(2));
