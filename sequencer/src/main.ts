import { ConfigInvalid, describeOptions, loadConfig } from "./config";
import { Host } from "./host/host";
import { createLog, describe } from "./log";

const USAGE = `Rollworks node: sequences, follows and guards the rollups of a hub.

  npx tsx sequencer/src/main.ts --l1 URL --hub 0x… --data DIR [options]

${describeOptions()}
  --config  JSON file with any of the above in camel case

Flags win over the environment (ROLLWORKS_L1, ROLLWORKS_KEY_FILE, …), the environment over the file.`;

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) {
    console.log(USAGE);
    return;
  }
  const config = loadConfig(argv, process.env);
  const log = createLog(config.logLevel);
  const host = new Host(config, { log });
  const endpoint = await host.start();
  if (config.json) console.log(JSON.stringify({ endpoint, roles: config.role }));
  let stopping = false;
  const stop = (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, "stopping");
    host.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.error(describe(error), "stopping failed");
        process.exit(1);
      },
    );
  };
  process.on("SIGTERM", () => stop("SIGTERM"));
  process.on("SIGINT", () => stop("SIGINT"));
}

main().catch((error: unknown) => {
  console.error(error instanceof ConfigInvalid ? error.message : error);
  process.exit(1);
});
