/** `start-action` → `StartAction`: a function's name as a construct id and as a placeholder in state machines. */
export function pascalCase(kebab: string): string {
  return kebab.replace(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
