import { Contract, type Provider } from "ethers";

export interface Token {
  readonly symbol: string;
  readonly decimals: number;
  readonly balance: bigint;
  readonly allowance: bigint;
}

const abi = [
  "function symbol() view returns (string)",
  "function decimals() view returns (uint8)",
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
];

/** Returns what a holder has of an ERC-20 token, and what a spender may take of it. Symbol and decimals are optional there. */
export async function getToken(
  provider: Provider,
  token: string,
  holder: string,
  spender: string,
): Promise<Token> {
  const contract = new Contract(token, abi, provider);
  const [symbol, decimals, balance, allowance] = await Promise.all([
    (contract.getFunction("symbol")() as Promise<string>).catch(() => "tokens"),
    (contract.getFunction("decimals")() as Promise<bigint>).catch(() => 0n),
    contract.getFunction("balanceOf")(holder) as Promise<bigint>,
    contract.getFunction("allowance")(holder, spender) as Promise<bigint>,
  ]);
  return { symbol, decimals: Number(decimals), balance, allowance };
}
