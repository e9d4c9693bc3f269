import { scope } from "hardhat/config";
import { command } from "../command";

const protocol = scope("protocol", "The protocol's own contracts on a settlement chain");

command(protocol, "deploy", {
  description: "Deploys the protocol, or goes on with a deployment that was broken off",
  writes: true,
  options: {
    parameters: "A file of deploy/parameters, by name or path (default: local on local chains, else default)",
  },
  load: () => import("./deploy"),
});

command(protocol, "addresses", {
  description: "Shows where the protocol's contracts are",
  writes: false,
  load: () => import("./addresses"),
});
