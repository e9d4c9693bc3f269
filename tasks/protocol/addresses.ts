import type { Action } from "../command";
import { Settlement } from "../settlement";

const addresses: Action = async (_, hre) => {
  const { book, addressBook, hardhat } = await Settlement.open(hre);
  return {
    facts: { ...book, file: addressBook.shownPath },
    rows: [
      ["chain", book.chainId],
      ["deployed by", book.deployer],
      ["complete in block", book.block],
      ...Object.entries(book.contracts),
      ...Object.entries(book.programs).map(([name, hash]): [string, string] => [`program ${name}`, hash]),
    ],
    next: `${hardhat} rollup list`,
  };
};

export default addresses;
