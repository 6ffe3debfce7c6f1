const hidden = '[hidden]';
/** Shorter texts are hidden nowhere: they would tear holes into every message. */
const shortestSecret = 4;

/** Takes the secrets that were used out of what a service says, since some repeat what they were sent. */
export class Redactor {
  readonly #secrets = new Set<string>();

  /** Remembers a secret in all the forms in which it is sent. */
  add(secret: string): void {
    if (secret.length < shortestSecret) return;
    const bytes = Buffer.from(secret);
    const forms = [secret, encodeURIComponent(secret), bytes.toString('base64'), bytes.toString('base64url')];
    for (const form of [...forms, JSON.stringify(secret).slice(1, -1)]) this.#secrets.add(form);
  }

  clean(text: string): string {
    const longestFirst = [...this.#secrets].sort((a, b) => b.length - a.length);
    return longestFirst.reduce((cleaned, secret) => cleaned.replaceAll(secret, hidden), text);
  }
}
