import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";

/**
 * The whole protocol on one settlement chain. The one deploy path: tests, tasks and the story go through it.
 *
 * Parameters stand in `deploy/parameters`. The deployer governs until `Governance` (the module beside this one) hands over.
 */
export default buildModule("Protocol", (m) => {
  const deployer = m.getAccount(0);
  const treasury = m.getParameter("treasury", deployer);
  const altHolder = m.getParameter("altHolder", deployer);
  const unbondingDelay = m.getParameter<bigint>("unbondingDelay"); // [s]

  const altToken = m.contract("AltToken", [altHolder]);
  const machine = m.contract("Machine");
  const vault = m.contract("Vault", [altToken, deployer, treasury, unbondingDelay]);

  return { altToken, machine, vault };
});
