import { CALLDATA_MODULE, OPEN_MODULE, SINGLE_MODULE } from "../protocol";

/** The hub's modules by the names that presets use. */
export const AVAILABILITY: Readonly<Record<string, string>> = { calldata: CALLDATA_MODULE };
export const SEQUENCING: Readonly<Record<string, string>> = { single: SINGLE_MODULE, open: OPEN_MODULE };
