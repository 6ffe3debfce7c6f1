/** The package has types of its own only for its command line. */
declare module 'asl-validator' {
  export default function aslValidator(definition: unknown): { isValid: boolean; errorsText: () => string };
}
