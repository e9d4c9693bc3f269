import { scope } from "hardhat/config";
import { command } from "../command";

const bridge = scope("bridge", "Assets on their way to a rollup and home again");

command(bridge, "deposit", {
  description: "Deposits coins or ERC-20 tokens on a rollup",
  writes: true,
  options: {
    rollup: "Its id, or its name in the address book",
    amount: "How much, like 1.5; wei for the smallest unit, like 1500wei",
    token: "The ERC-20 token's address (default: coins)",
    to: "Who is credited on the rollup (default: the sender)",
  },
  load: () => import("./deposit"),
});

const NODE = "The node's endpoint (default: http://127.0.0.1:8650)";

command(bridge, "exit", {
  description: "Takes assets home: asks for an exit on the rollup, or pays one that is final on L1",
  writes: true,
  options: {
    rollup: "Its id, or its name in the address book",
    amount: "How much to take home, like 1.5; wei for the smallest unit, like 1500wei",
    token: "The asset's address, of an ERC-20 token or of what was born on the rollup (default: coins)",
    kind: "The asset's kind, 0 to 7 without 4 (default: 0 without a token, 1 with one)",
    id: "The NFT's or multi-token's id (default: 0)",
    to: "Who is paid on L1 (default: the sender)",
    index: "An exit that was asked for before: pay it",
    node: NODE,
  },
  flags: { forced: "Ask through L1, past a sequencer who leaves it out; the node may be any follower's" },
  load: () => import("./exit"),
});

command(bridge, "status", {
  description: "Shows where a deposit or an exit stands, or all exits of an owner",
  writes: false,
  options: {
    rollup: "Its id, or its name in the address book",
    message: "The message of a deposit",
    exit: "The index of an exit",
    owner: "An owner, whose exits are listed",
    node: NODE,
  },
  load: () => import("./status"),
});
