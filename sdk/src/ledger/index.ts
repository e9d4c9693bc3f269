/** The ledger program: transactions, batches, state and exits (docs/encodings/ledger.md). */
export * from "./asset";
export * from "./batch";
export { EncodingError } from "./bytes";
export * from "./exit";
export * from "./holding";
export * from "./receipt";
export * from "./signed";
export * from "./state";
export * from "./transaction";
