export { type DecodedRevert, decodeRevert, explainRevert, revertDataOf } from "./decode";
