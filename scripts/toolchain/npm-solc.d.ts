/** The part of npm's solc that is used here; it has no types of its own. */
declare module "solc" {
  export function compile(
    input: string,
    callbacks?: { readonly import: (path: string) => { readonly contents: string } },
  ): string;
}
