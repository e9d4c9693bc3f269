import { getBytes, hexlify, keccak256 } from "ethers";

/** What a program may ask the world for. Calls are synchronous: the machine waits in the middle of an instruction. */
export interface Oracle {
  /**
   * Returns the bytes whose keccak256 is `key`, or undefined. Kind 0 is any preimage; kind 2 is the request of a precompile call
   * (`address u16 ‖ gas u32 ‖ input`). The machine checks the hash.
   */
  preimage(kind: 0 | 2, key: Uint8Array): Uint8Array | undefined;
  /**
   * Returns `y (32) ‖ commitment (48) ‖ proof (48)` of a blob's word in bit-reversed order, or undefined. The machine takes it as it is: check it first,
   * or a step that reads it can't be shown on chain.
   */
  blobWord?(versionedHash: Uint8Array, index: number): Uint8Array | undefined;
}

/** Preimages held in memory by their hash. */
export class PreimageTable implements Oracle {
  private readonly byHash = new Map<string, Uint8Array>();

  constructor(preimages: Iterable<Uint8Array> = []) {
    for (const preimage of preimages) this.add(preimage);
  }

  /** Adds a preimage and returns its hash. */
  add(preimage: Uint8Array | string): string {
    const bytes = getBytes(preimage);
    const hash = keccak256(bytes);
    this.byHash.set(hash, bytes);
    return hash;
  }

  preimage(_kind: 0 | 2, key: Uint8Array): Uint8Array | undefined {
    return this.byHash.get(hexlify(key));
  }
}
