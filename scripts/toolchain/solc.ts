import { TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD } from "hardhat/builtin-tasks/task-names";
import { subtask } from "hardhat/config";
import solcPackage from "solc/package.json";

/**
 * Compiles with the soljson that the `solc` package carries, so that installing from npm is all the
 * toolchain needs: no compiler is downloaded at build time.
 */
subtask(TASK_COMPILE_SOLIDITY_GET_SOLC_BUILD, (args: { solcVersion: string }) => {
  if (args.solcVersion !== solcPackage.version) {
    throw new Error(
      `The project pins solc ${solcPackage.version} (package.json), but ${args.solcVersion} was asked for: ` +
        `change both or neither.`,
    );
  }
  return Promise.resolve({
    version: solcPackage.version,
    longVersion: solcPackage.version,
    compilerPath: require.resolve("solc/soljson.js"),
    isSolcJs: true,
  });
});
