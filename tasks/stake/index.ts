import { scope } from "hardhat/config";
import { command } from "../command";

const stake = scope("stake", "ALT staked on operators");

command(stake, "deposit", {
  description: "Stakes ALT on an operator; it shares all his later slashes",
  writes: true,
  options: { operator: "The operator's address", amount: "How much ALT, like 1000 or 2.5" },
  load: () => import("./deposit"),
});

command(stake, "show", {
  description: "Shows an operator's pool, and one owner's part of it",
  writes: false,
  options: { operator: "The operator's address", owner: "Whose part (default: the operator's own)" },
  load: () => import("./show"),
});
