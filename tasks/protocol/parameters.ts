import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { type ProtocolParameters, readParameters } from "../../deploy/parameters";
import { Refused, refuseIfAny, shown } from "../problems";

/** A deployment's parameters and the file they come from. */
export interface ChosenParameters {
  readonly parameters: ProtocolParameters;
  readonly file: string;
}

/** Returns the parameters that a name or a path stands for. */
export function chooseParameters(
  hre: HardhatRuntimeEnvironment,
  given: string | undefined,
  local: boolean,
): ChosenParameters {
  const { root } = hre.config.paths;
  const folder = join(root, "deploy", "parameters");
  const name = given ?? (local ? "local" : "default");
  const path = [join(folder, `${name}.json5`), name].find((candidate) => existsSync(candidate));
  if (path === undefined) {
    const names = readdirSync(folder).map((file) => file.replace(/\.json5$/, ""));
    throw new Refused([
      {
        path: "--parameters",
        got: shown(given),
        rule: `${names.join(", ")}, or the path of a file, was expected`,
      },
    ]);
  }
  const file = relative(root, path);
  const { parameters, problems } = readParameters(path);
  refuseIfAny(problems.map((problem) => ({ ...problem, path: `${file}: ${problem.path}` })));
  if (parameters === undefined) throw new Error(`${file} holds no parameters.`);
  return { parameters, file };
}
