import { ProblemError } from './problem.ts';

/** 405: the path is one of the API's, but the method is none of it. */
export class MethodProblem extends ProblemError {
  /** The methods that the path has. */
  readonly allowed: readonly string[];

  constructor(method: string, allowed: readonly string[]) {
    super('method_not_allowed', `This path has no ${method}; it has ${allowed.join(', ')}.`);
    this.allowed = allowed;
  }
}
