import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import { ZeroAddress } from "ethers";
import { programEntries } from "../programs";

/** The vault's kinds of redistribution; the hub names who gets its slashes. */
const NAMED = 2;

/**
 * The whole protocol on one settlement chain. The one deploy path: tests, tasks and the story go through it.
 *
 * Parameters stand in `deploy/parameters`. The deployer governs until `Governance` (the module beside this one) hands over. Hub
 * and bridge know each other from birth (docs/decisions/080): `hub` is the address that the last contract created here gets.
 */
export default buildModule("Protocol", (m) => {
  const deployer = m.getAccount(0);
  const treasury = m.getParameter("treasury", deployer);
  const altHolder = m.getParameter("altHolder", deployer);
  const unbondingDelay = m.getParameter<bigint>("unbondingDelay"); // [s]
  const blockTime = m.getParameter<bigint>("blockTime"); // τ [s]
  const bondGasPrice = m.getParameter<bigint>("bondGasPrice"); // [wei]
  const foreseenHub = m.getParameter("hub");

  const altToken = m.contract("AltToken", [altHolder]);
  const machine = m.contract("Machine");
  const vault = m.contract("Vault", [altToken, deployer, treasury, unbondingDelay]);
  const mirrors = {
    fungible: m.contract("MirrorERC20"),
    collection: m.contract("MirrorERC721"),
    multi: m.contract("MirrorERC1155"),
  };
  const bridge = m.contract("CanonicalBridge", [foreseenHub, mirrors], {
    libraries: { Mirrors: m.library("Mirrors"), Unread: m.library("Unread") },
  });
  const stateReaders = { LedgerStateReader: m.contract("LedgerStateReader") };
  const libraries = {
    Catalogue: m.library("Catalogue"),
    Creation: m.library("Creation"),
    Inspection: m.library("Inspection"),
    Lifecycle: m.library("Lifecycle"),
    Lines: m.library("Lines"),
    Verdicts: m.library("Verdicts"),
  };
  const hub = m.contract("RollupHub", [deployer, bridge, vault, machine, treasury, blockTime, bondGasPrice], {
    libraries,
    after: [altToken, ...Object.values(mirrors), ...Object.values(stateReaders)],
  });

  m.call(vault, "addService", [hub, NAMED, ZeroAddress]);
  for (const { name, entry, siblings, stateReader } of programEntries()) {
    const reader = stateReader === undefined ? ZeroAddress : stateReaders[stateReader];
    m.call(hub, "addProgram", [{ ...entry, stateReader: reader }, [...siblings]], {
      id: `addProgram_${name}`,
    });
  }

  return { altToken, machine, vault, hub, bridge };
});
