import { scope } from "hardhat/config";
import { command } from "../command";

const rollup = scope("rollup", "Rollups: create them, look at them");

command(rollup, "create", {
  description: "Creates a rollup from a preset, in one transaction",
  writes: true,
  options: {
    preset: "A preset of config/presets, by name, or the path of a file like those",
    name: "Its name in the address book; a second run with the same name creates nothing",
    owner: "Who owns it, if the preset has an owner (default: the sender)",
    sequencer: "Who posts its batches, if the preset has one sequencer (default: the sender)",
    feeRecipient: "The account on the rollup that earns its fees (default: the sender)",
    lasts: 'How long it lives before it drains by itself, "2h" or "forever" (default: as the preset says)',
  },
  load: () => import("./create"),
});

command(rollup, "show", {
  description: "Shows a rollup: its life, its parameters, how far it has come",
  writes: false,
  options: { rollup: "Its id, or its name in the address book" },
  load: () => import("./show"),
});

command(rollup, "list", {
  description: "Lists the rollups of the hub, the newest first",
  writes: false,
  options: { last: "How many at most (default: 20)" },
  load: () => import("./list"),
});
