import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import hre from "hardhat";
import { TaskFailed } from "../../tasks/failure";

/** What a task returned and wrote. */
export interface Ran {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly out: string;
  readonly err: string;
}

/** Runs a task in this process, as its command line would. */
export async function run(
  scope: string,
  task: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<Ran> {
  const written = { out: "", err: "" };
  const { stdout, stderr } = process;
  const original = { out: stdout.write.bind(stdout), err: stderr.write.bind(stderr) };
  const capture =
    (stream: "out" | "err") =>
    (text: string | Uint8Array): boolean => {
      written[stream] += text.toString();
      return true;
    };
  stdout.write = capture("out");
  stderr.write = capture("err");
  try {
    const facts = (await hre.run({ scope, task }, args)) as Ran["facts"];
    return { facts, ...written };
  } finally {
    stdout.write = original.out;
    stderr.write = original.err;
  }
}

/** Runs a task that must fail; returns its failure. */
export async function fails(
  scope: string,
  task: string,
  args: Readonly<Record<string, unknown>> = {},
): Promise<TaskFailed["failure"]> {
  try {
    await run(scope, task, args);
  } catch (error) {
    if (error instanceof TaskFailed) return error.failure;
    throw error;
  }
  throw new Error(`${scope} ${task} was expected to fail.`);
}

/** Returns the options that a failure complains about. */
export function pathsOf({ problems }: TaskFailed["failure"]): string[] {
  return (problems ?? []).map(({ path }) => path);
}

/** Gives each test of a suite an empty chain's address book in a folder of its own. */
export function withDeployments(): { readonly folder: string } {
  const place = { folder: "" };
  const before = hre.config.paths.deployments;
  beforeEach(() => {
    place.folder = mkdtempSync(join(tmpdir(), "rollworks-"));
    hre.config.paths.deployments = place.folder;
  });
  afterEach(() => {
    hre.config.paths.deployments = before;
    rmSync(place.folder, { recursive: true });
  });
  return place;
}
