import type { HardhatEthersSigner } from "@nomicfoundation/hardhat-ethers/signers";
import type { HardhatRuntimeEnvironment } from "hardhat/types";
import { AddressBook, type Book } from "./addressBook";
import { Failed } from "./failure";
import { Refused, shown } from "./problems";

/** The settlement chain that a task talks to, and what is deployed there. */
export class Settlement {
  private constructor(
    readonly hre: HardhatRuntimeEnvironment,
    readonly chainId: bigint,
    readonly addressBook: AddressBook,
    readonly book: Book,
  ) {}

  /** Opens the deployment on the selected network. Raised when there is none, or when the file speaks of another chain. */
  static async open(hre: HardhatRuntimeEnvironment): Promise<Settlement> {
    const { chainId } = await hre.ethers.provider.getNetwork();
    const addressBook = AddressBook.of(hre, chainId);
    const book = addressBook.read();
    const network = `--network ${hre.network.name}`;
    if (book === undefined) {
      throw new Failed(
        `The protocol isn't deployed on chain ${chainId} (network ${hre.network.name})`,
        `There is no ${addressBook.shownPath}.`,
        AddressBook.isFleeting(hre)
          ? "npx hardhat devnet up, and then the same with --network localhost: the in-process chain ends with each command"
          : `npx hardhat ${network} protocol deploy`,
      );
    }
    if (!(await describes(hre, book))) {
      throw new Failed(
        `${addressBook.shownPath} speaks of another chain with the id ${chainId}`,
        "The block in which it was deployed isn't there: the chain was restarted, or the endpoint is another chain's.",
        `Correct the endpoint, or deploy again: npx hardhat ${network} protocol deploy`,
      );
    }
    return new Settlement(hre, chainId, addressBook, book);
  }

  /** Returns the address of one of the protocol's contracts. */
  address(contract: string): string {
    const address = this.book.contracts[contract];
    if (address === undefined) {
      throw new Failed(
        `${this.addressBook.shownPath} names no ${contract}`,
        "It was written by another version of the protocol.",
        "Use the version that deployed it, or deploy this one to a chain of its own.",
      );
    }
    return address;
  }

  /** Returns the id of a rollup that is given by its id or by its name in the address book. */
  rollupId(given: string): bigint {
    if (/^\d{1,20}$/.test(given) && BigInt(given) < 1n << 64n) return BigInt(given);
    const id = this.book.rollups[given]?.id;
    if (id !== undefined) return BigInt(id);
    const names = Object.keys(this.book.rollups);
    throw new Refused([
      {
        path: "--rollup",
        got: shown(given),
        rule: `a rollup's id or one of the names in ${this.addressBook.shownPath} (${names.join(", ") || "none yet"}) was expected`,
      },
    ]);
  }

  /** `npx hardhat --network x` of the running command, for the lines that name the next one. */
  get hardhat(): string {
    return `npx hardhat --network ${this.hre.network.name}`;
  }
}

/** Whether an address book's deployment is on the chain that answers. */
export async function describes(hre: HardhatRuntimeEnvironment, book: Book): Promise<boolean> {
  const block = await hre.ethers.provider.getBlock(book.block);
  return block?.hash === book.blockHash;
}

/** Returns the account that sends: the first of the network's, or the one that --from names. */
export async function senderOf(
  hre: HardhatRuntimeEnvironment,
  from: string | undefined,
): Promise<HardhatEthersSigner> {
  const signers = await hre.ethers.getSigners();
  if (from === undefined) {
    const first = signers[0];
    if (first) return first;
    throw new Failed(
      `The network ${hre.network.name} has no account to send from`,
      "The endpoint holds no keys and none was configured.",
      "Put a private key into a file that git doesn't track and name it in ROLLWORKS_KEY_FILE.",
    );
  }
  const found = signers.find(({ address }) => address.toLowerCase() === from.toLowerCase());
  if (found) return found;
  throw new Refused([
    {
      path: "--from",
      got: shown(from),
      rule: `one of the network's accounts was expected: ${signers
        .slice(0, 5)
        .map(({ address }) => address)
        .join(", ")}${signers.length > 5 ? ", …" : ""}`,
    },
  ]);
}
