import { scope } from "hardhat/config";
import { command } from "../command";

const devnet = scope("devnet", "A settlement chain, the protocol and a node on this machine");

command(devnet, "up", {
  description:
    "Starts a chain on loopback, deploys, makes an operator and a rollup, serves it; until interrupted",
  writes: false,
  options: {
    port: "The chain's port (default: 8545)",
    nodePort: "The node's port (default: 8650)",
    preset: "The preset of the first rollup (default: devnet)",
  },
  flags: { withoutNode: "Leave the operator, the rollup and the node out" },
  load: () => import("./up"),
});
