import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createTxFromRLP } from "@ethereumjs/tx";
import { Account, Address, hexToBytes } from "@ethereumjs/util";
import { createVM, runTx } from "@ethereumjs/vm";
import { HDNodeWallet, Wallet } from "ethers";
import { Anvil } from "../../test/sequencer/anvil";

/** Engines that others use, doing ETH transfers on this machine in this run: what our own figures stand beside. */

export interface Transfers {
  readonly engine: string;
  readonly transactions: number;
  readonly acceptedPerSecond?: number;
  readonly executedPerSecond: number;
}

const SENDERS = 20;

async function signedTransfers(
  count: number,
  chainId: number,
): Promise<{ senders: HDNodeWallet[]; raw: string[] }> {
  const senders = Array.from({ length: SENDERS }, (_, index) =>
    HDNodeWallet.fromPhrase(
      "test test test test test test test test test test test junk",
      undefined,
      `m/44'/60'/0'/0/${index}`,
    ),
  );
  const raw: string[] = [];
  for (let i = 0; i < count; i++) {
    const sender = senders[i % SENDERS] as HDNodeWallet;
    raw.push(
      await new Wallet(sender.privateKey).signTransaction({
        type: 0,
        chainId,
        nonce: Math.floor(i / SENDERS),
        gasPrice: 10_000_000_000n,
        gasLimit: 21_000,
        to: `0x${(i + 0x10000).toString(16).padStart(40, "1")}`,
        value: 1n,
      }),
    );
  }
  return { senders, raw };
}

/** `@ethereumjs/vm` with its defaults: recovery, execution, one state root at the end. */
export async function ethereumjs(count: number): Promise<Transfers> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
  const vm = await createVM({ common });
  const { senders, raw } = await signedTransfers(count, 1);
  for (const { address } of senders) {
    await vm.stateManager.putAccount(
      new Address(hexToBytes(address as `0x${string}`)),
      new Account(0n, 10n ** 20n),
    );
  }
  const began = performance.now();
  for (const transaction of raw) {
    const tx = createTxFromRLP(hexToBytes(transaction as `0x${string}`), { common });
    await runTx(vm, { tx, skipBlockGasLimitValidation: true });
  }
  await vm.stateManager.getStateRoot();
  const seconds = (performance.now() - began) / 1000;
  return { engine: "@ethereumjs/vm", transactions: count, executedPerSecond: count / seconds };
}

/** anvil (revm, native): accepted over JSON-RPC in batches of 100, then mined as one block. */
export async function anvil(count: number): Promise<Transfers> {
  const chain = await Anvil.start({
    gasLimit: 1_000_000_000,
    flags: ["--accounts", String(SENDERS), "--no-mining"],
  });
  const call = async (body: unknown): Promise<unknown> => {
    const answer = await fetch(chain.url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    return answer.json();
  };
  const request = (id: number, method: string, params: unknown[]): object => ({
    jsonrpc: "2.0",
    id,
    method,
    params,
  });
  try {
    const { raw } = await signedTransfers(count, 31337);
    const began = performance.now();
    for (let i = 0; i < raw.length; i += 100) {
      await call(
        raw
          .slice(i, i + 100)
          .map((transaction, j) => request(i + j, "eth_sendRawTransaction", [transaction])),
      );
    }
    const accepted = performance.now();
    await call(request(0, "evm_mine", []));
    const executed = performance.now();
    const block = (await call(request(0, "eth_getBlockByNumber", ["latest", false]))) as {
      result: { transactions: string[] };
    };
    const mined = block.result.transactions.length;
    if (mined !== count)
      throw new Error(`anvil mined ${mined} of ${count} transfers: its figure would not be comparable.`);
    return {
      engine: "anvil",
      transactions: count,
      acceptedPerSecond: (count * 1000) / (accepted - began),
      executedPerSecond: (count * 1000) / (executed - accepted),
    };
  } finally {
    await chain.stop();
  }
}
