/** A change that no test noticed. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  readonly before: string;
  readonly after: string;
}

/** Why a survivor changes nothing that a test could see: by file, the change, and words of the line it is in. */
const REASONS: readonly { readonly file: string; readonly change: string; readonly reason: string }[] = [];

/** Returns why nothing noticed this change. */
export function reasonOf({ file, before, after }: Survivor): string {
  const change = `${before} → ${after}`;
  return (
    REASONS.find((known) => known.file === file && known.change === change)?.reason ?? "not yet looked at"
  );
}
