import { readFileSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { type Preset, parsePreset } from "../../sdk/src/presets";
import { type Problem, shown } from "../problems";

export interface ChosenPreset {
  readonly name: string;
  readonly preset: Preset | undefined;
  readonly problems: readonly Problem[];
}

/** Returns the preset that a name or a path stands for, or all that is wrong with it. */
export function choosePreset(hre: HardhatRuntimeEnvironment, given: string): ChosenPreset {
  const folder = join(hre.config.paths.root, "config", "presets");
  const names = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => basename(file, ".json"));
  const path = names.includes(given) ? join(folder, `${given}.json`) : given;
  const unusable = (got: string, rule: string): ChosenPreset => ({
    name: given,
    preset: undefined,
    problems: [{ path: "--preset", got, rule }],
  });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return unusable(shown(given), `one of ${names.join(", ")}, or the path of a preset's file, was expected`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return unusable(shown(given), `the file is no JSON: ${(error as Error).message}`);
  }
  const { preset, problems } = parsePreset(value);
  return { name: basename(given, ".json"), preset, problems };
}
