import { existsSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect } from "chai";
import { PAGES, root, text } from "./files";

describe("The pages", () => {
  const links = PAGES.flatMap((page) =>
    [...text(page).matchAll(/\]\((?!https?:)([^)#]+)/g)].map(([, to = ""]) => ({
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
    expect(PAGES.filter((page) => !reached.has(page))).to.deep.equal([]);
  });
});
