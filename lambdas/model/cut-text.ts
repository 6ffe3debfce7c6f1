/** The beginning of a text, of at most so many UTF-16 units, without half of a character at its end. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return text.slice(0, isHalf ? units - 1 : units);
}

/** A text as it stands in a message: whole, or its beginning with a sign that it goes on. */
export function shortened(text: string, units: number): string {
  return text.length > units ? `${cutText(text, units - 1)}…` : text;
}
