export * from "./actions";
export * from "./bridge";
export * from "./call";
export * from "./dispute";
export * from "./errors";
export * as ledger from "./ledger";
export * from "./node";
export * from "./presets";
export { type Problem } from "./problem";
export * from "./protocol";
export * as staking from "./staking";
/** The contracts' types and factories, generated from their ABIs. */
export * as contracts from "./typechain";
