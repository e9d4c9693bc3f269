export * from "./day";
export * from "./epoch";
export * from "./keyConsent";
export * from "./stake";
