import { readdirSync } from "node:fs";
import { join } from "node:path";

export const root = join(__dirname, "..", "..");

/** Contracts that hold the code, with their files, and the tests that call these contracts, the quickest first. */
export interface Stage {
  readonly contracts: Readonly<Record<string, string>>;
  readonly tests: readonly string[];
}

export interface Target {
  readonly folder: string;
  /** one after the other, until a mutant dies: compiling takes longer than most tests */
  readonly stages: readonly Stage[];
  /** what forge runs for a mutant that lived through all of that */
  readonly forge: readonly string[];
}

/** Returns the files of a folder whose names match, as paths in the repository. */
export const filesOf = (folder: string, pattern: RegExp): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => `${folder}/${name}`);

/** Tests of disputes on the whole hub; the others call it with verbs that set it up. */
const WHOLE = /Model\.contracts/;
/** The model alone, and the list of attacks, call no contract. */
const disputes = filesOf("test/dispute", /^(?!Model\.histories|attacks).*\.test\.ts$/);

export const TARGETS: Readonly<Record<string, Target>> = {
  machine: {
    folder: "contracts/machine",
    stages: [
      {
        contracts: { Machine: "contracts/machine/Machine.sol" },
        tests: [
          "test/machine/Machine.step.test.ts",
          "test/machine/Machine.operands.test.ts",
          "test/machine/Machine.read.test.ts",
          "test/machine/Machine.deploy.test.ts",
        ],
      },
    ],
    forge: filesOf("test/machine", /\.t\.sol$/),
  },
  dispute: {
    folder: "contracts/dispute",
    stages: [
      {
        contracts: {
          Verdicts: "contracts/dispute/Verdicts.sol",
          HubMock: "contracts/mocks/HubMock.sol",
        },
        tests: disputes.filter((file) => !WHOLE.test(file)),
      },
      {
        contracts: {
          Verdicts: "contracts/dispute/Verdicts.sol",
          RollupHub: "contracts/hub/RollupHub.sol",
        },
        tests: disputes.filter((file) => WHOLE.test(file)),
      },
    ],
    forge: filesOf("test/dispute", /\.t\.sol$/),
  },
};
