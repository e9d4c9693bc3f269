export { AVAILABILITY, SEQUENCING } from "./modules";
export { type Parts, type People, type RollupParameters, parametersOf } from "./parameters";
export { type Preset, type PresetResult, type PresetSource, parsePreset } from "./preset";
export { type Surroundings, problemsOfParameters } from "./rules";
