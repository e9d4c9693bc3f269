import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** Areas of decisions by the first two digits of their numbers. */
const AREAS: Readonly<Record<string, string>> = {
  "01": "programs",
  "02": "machine and emulator",
  "03": "disputes",
  "04": "hub",
  "06": "stake",
  "07": "node and story",
  "08": "bridge and deployment",
};

const folder = join(__dirname, "..", "..", "docs", "decisions");

/** Writes `docs/decisions/README.md`, the index. A decision's heading is its number and its title. */
export function decisionDocuments(): Record<string, string> {
  const lines = [
    "# Decisions",
    "",
    "What was decided where the obvious choice was another one, and why. A number stays with its decision; its first two digits say the area. Generated from",
    "the headings by `npm run docs`.",
  ];
  let area = "";
  for (const file of readdirSync(folder)
    .filter((name) => name !== "README.md")
    .sort()) {
    const [heading = ""] = readFileSync(join(folder, file), "utf8").split("\n");
    const number = file.slice(0, 3);
    const about = AREAS[number.slice(0, 2)];
    if (about === undefined || !/^# \d{3} [A-Z]/.test(heading) || heading.slice(2, 5) !== number)
      throw new Error(
        `docs/decisions/${file}: its heading must be "# ${number} Title", its area one of ours`,
      );
    if (number.slice(0, 2) !== area) {
      area = number.slice(0, 2);
      lines.push("", `## ${area}0 … ${area}9 ${about}`, "");
    }
    lines.push(`- [${heading.slice(2)}](${file})`);
  }
  return { "docs/decisions/README.md": `${lines.join("\n")}\n` };
}
