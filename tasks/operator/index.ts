import { scope } from "hardhat/config";
import { command } from "../command";

const operator = scope("operator", "Operators: they stake ALT and serve rollups");

command(operator, "join", {
  description: "Makes the sender an operator where he isn't one, and opens or refreshes his line in a rollup",
  writes: true,
  options: {
    rollup: "Its id, or its name in the address book",
    stake: "How much ALT of his own he shall have staked, all in all (default: leave it as it is)",
    hotKeyFile:
      "A file with a hot key that acts for him while his own address stays cold (default: he acts himself)",
    allocation: "Percent of his pool that the hub may slash (default: 100)",
  },
  flags: { bond: "Open a bond line: coins alone, for batches posted a day ago or more" },
  load: () => import("./join"),
});

command(operator, "leave", {
  description: "Closes the sender's line in a rollup; run later, pays it out and frees the stake",
  writes: true,
  options: {
    rollup: "Its id, or its name in the address book",
    to: "Who gets the line's coins (default: the sender)",
  },
  load: () => import("./leave"),
});
