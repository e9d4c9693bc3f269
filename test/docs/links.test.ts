import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect } from "chai";

const root = join(__dirname, "..", "..");

function pages(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? pages(path) : path.endsWith(".md") ? [path] : [];
  });
}

describe("The pages of docs", () => {
  const links = ["README.md", ...pages("docs")].flatMap((page) =>
    [...readFileSync(join(root, page), "utf8").matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = ""]) => ({
      page,
      to: normalize(join(dirname(page), to)),
    })),
  );

  it("link to what is there", () => {
    expect(links.filter(({ to }) => !existsSync(join(root, to)))).to.deep.equal([]);
  });

  it("are each reached from the README", () => {
    const reached = new Set(["README.md"]);
    for (const page of reached) for (const link of links) if (link.page === page) reached.add(link.to);
    expect(pages("docs").filter((page) => !reached.has(page))).to.deep.equal([]);
  });
});
