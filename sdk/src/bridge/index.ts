export * from "./exitLeaf";
export * from "./exitPlace";
export * from "./exitRun";
export * from "./unread";
