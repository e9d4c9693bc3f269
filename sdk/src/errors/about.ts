/**
 * Splits what an error's documentation says, "Raised when it is so. Do that.", into the cause and the next step; the latter is empty
 * when there is none.
 */
export function splitAbout(about: string): { cause: string; next: string } {
  const end = about.search(/[.!](\s|$)/);
  if (end < 0) return { cause: about, next: "" };
  return { cause: about.slice(0, end + 1), next: about.slice(end + 1).trim() };
}
