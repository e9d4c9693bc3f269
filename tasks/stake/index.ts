import { scope } from "hardhat/config";
import { command } from "../command";

const stake = scope("stake", "ALT staked on operators");

command(stake, "deposit", {
  description: "Stakes ALT on an operator; it shares all his later slashes",
  writes: true,
  options: { operator: "The operator's address", amount: "How much ALT, like 1000 or 2.5" },
  load: () => import("./deposit"),
});

command(stake, "withdraw", {
  description:
    "Claims stake that has matured; with --amount, lets stake leave, which matures after the unbonding delay",
  writes: true,
  options: {
    operator: "The operator's address",
    amount: 'How much ALT shall leave, like 1000 or 2.5, or "all" (default: none, only claim)',
  },
  load: () => import("./withdraw"),
});

command(stake, "show", {
  description: "Shows an operator's pool, and one owner's part of it",
  writes: false,
  options: { operator: "The operator's address", owner: "Whose part (default: the operator's own)" },
  load: () => import("./show"),
});
