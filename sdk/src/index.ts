export * from "./protocol";
export * as ledger from "./ledger";
