export { Emulator } from "./Emulator";
export type { EmulatorDependencies, EmulatorOptions, Identity, Outcome, RunResult } from "./Emulator";
export {
  MemoryExhausted,
  PreimageMissing,
  PreimageTooLong,
  PreimageWrong,
  PriceUncertain,
  ProgramRejected,
} from "./errors";
export { emulatorModule, type EmulatorModule } from "./module";
export { type Oracle, PreimageTable } from "./oracle";
export { precompile, type Precompile, remembering } from "./precompiles";
