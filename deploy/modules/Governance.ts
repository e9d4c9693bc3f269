import { buildModule } from "@nomicfoundation/hardhat-ignition/modules";
import Protocol from "./Protocol";

/** The protocol, and its governance offered to the future holder, who takes it by accepting; until then the deployer has it. */
export default buildModule("Governance", (m) => {
  const protocol = m.useModule(Protocol);
  const governance = m.getParameter("governance");

  m.call(protocol.vault, "transferOwnership", [governance]);
  m.call(protocol.hub, "proposeGovernor", [governance]);

  return protocol;
});
