/** For each status the statuses that may follow it. */
export type Transitions<Status extends string> = Readonly<Record<Status, readonly Status[]>>;

/** The statuses from which `to` may be reached; the condition of a guarded write. */
export function sourcesOf<Status extends string>(transitions: Transitions<Status>, to: Status): Status[] {
  return (Object.keys(transitions) as Status[]).filter((from) => transitions[from].includes(to));
}

/** True when nothing follows `status`. */
export function isFinal<Status extends string>(transitions: Transitions<Status>, status: Status): boolean {
  return transitions[status].length === 0;
}
