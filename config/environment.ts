import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { HardhatPluginError } from "hardhat/plugins";

/**
 * Everything that the Hardhat side reads from the environment, in one place:
 *
 * - `ROLLWORKS_RPC_URL`       the settlement chain's JSON-RPC endpoint; defines the network `settlement`
 * - `ROLLWORKS_KEY_FILE`      a file that holds the sender's private key (hex) and that git doesn't track
 * - `ROLLWORKS_KEY`           the key itself, where there is no file (the file wins)
 * - `ROLLWORKS_EXPLORER_URL`  links transactions in the tasks' output: `<url>/tx/<hash>`
 * - `ROLLWORKS_DEPLOYMENTS`   the folder of the address books (default `deployments`)
 */
export interface Environment {
  readonly rpcUrl: string | undefined;
  readonly key: string | undefined;
  readonly explorerUrl: string | undefined;
  readonly deployments: string | undefined;
}

function isTracked(path: string): boolean {
  try {
    execFileSync("git", ["ls-files", "--error-unmatch", path], { cwd: dirname(path), stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Messages never repeat the key, not even a wrong one. */
function checkedKey(text: string, source: string): string {
  const key = text.trim().replace(/^0x/, "");
  if (!/^[0-9a-fA-F]{64}$/.test(key)) {
    throw new HardhatPluginError(
      "rollworks",
      `${source} holds no private key: 64 hexadecimal digits, with or without 0x, were expected.`,
    );
  }
  return `0x${key}`;
}

/** Returns the private key in a file; `source` names in messages what named the file. */
export function readKey(file: string, source: string): string {
  const path = resolve(file);
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new HardhatPluginError("rollworks", `${source} can't be read: ${(error as Error).message}`);
  }
  if (isTracked(path)) {
    throw new HardhatPluginError(
      "rollworks",
      `${source} names ${path}, which git tracks: a key in a repository is a published key. ` +
        `Move it out (*.key is ignored) and use a new key.`,
    );
  }
  return checkedKey(text, source);
}

function keyOf(variables: NodeJS.ProcessEnv): string | undefined {
  if (variables.ROLLWORKS_KEY_FILE) return readKey(variables.ROLLWORKS_KEY_FILE, "ROLLWORKS_KEY_FILE");
  return variables.ROLLWORKS_KEY ? checkedKey(variables.ROLLWORKS_KEY, "ROLLWORKS_KEY") : undefined;
}

function urlOf(name: string, text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol)) {
    throw new HardhatPluginError("rollworks", `${name} is no http or https address.`);
  }
  return text;
}

/** Returns what the environment says. Raises an error that names the variable when one can't be used. */
export function readEnvironment(variables: NodeJS.ProcessEnv = process.env): Environment {
  return {
    rpcUrl: urlOf("ROLLWORKS_RPC_URL", variables.ROLLWORKS_RPC_URL),
    key: keyOf(variables),
    explorerUrl: urlOf("ROLLWORKS_EXPLORER_URL", variables.ROLLWORKS_EXPLORER_URL)?.replace(/\/$/, ""),
    deployments: variables.ROLLWORKS_DEPLOYMENTS || undefined,
  };
}
