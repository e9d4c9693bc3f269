import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decisionDocuments } from "./decisions";
import { errorDocuments } from "./errors";
import { gasDocuments, write } from "./gas";
import { mutationDocuments } from "./mutation";
import { nodeDocuments } from "./node";
import { speedDocuments } from "./speed";
import { stepDocuments } from "./steps";
import { taskDocuments } from "./tasks";

/** `npm run docs` writes the generated documents, `npm run docs:check` fails when one of them is stale. */

const root = join(__dirname, "..", "..");
const documents = {
  ...gasDocuments(),
  ...errorDocuments(),
  ...speedDocuments(),
  ...stepDocuments(),
  ...mutationDocuments(),
  ...decisionDocuments(),
  ...nodeDocuments(),
  ...taskDocuments(),
};

if (process.argv.includes("--check")) {
  const stale = Object.entries(documents).filter(
    ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), "utf8") !== text,
  );
  for (const [path] of stale) process.stderr.write(`${path} is stale: run "npm run docs" and commit it.\n`);
  process.exitCode = stale.length === 0 ? 0 : 1;
} else {
  write(documents);
}
