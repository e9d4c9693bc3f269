import { scope } from "hardhat/config";
import { command } from "../command";

const dispute = scope("dispute", "Matches about claims: who moved, whose clock runs, what it cost");

command(dispute, "list", {
  description: "Lists the hub's matches, the newest first",
  writes: false,
  options: {
    rollup: "Only those of this rollup: its id, or its name in the address book",
    last: "How many at most (default: 20)",
  },
  flags: { live: "Only those that aren't over" },
  load: () => import("./list"),
});

command(dispute, "show", {
  description: "Draws a match as a tree: every move, the steps it left in dispute, its gas; and the clocks",
  writes: false,
  options: { match: "The match's id, or the first digits of it that tell it apart" },
  load: () => import("./show"),
});
