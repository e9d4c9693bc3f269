export * from "./calls";
export * from "./match";
export * from "./pairTree";
export * from "./position";
export * from "./run";
