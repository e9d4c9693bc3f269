// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// Executes one RV64IM instruction of a state known by its hash.
///
/// @dev Layouts: docs/encodings.md and docs/encodings/machine.md. The machine knows nothing of rollups.
///
/// Safety: keccak256 has no collisions; the precompiles 1 to 5 and 10 do what Ethereum's do (the constructor tries 1 to 5, each blob opening checks
/// the answer of 10). Liveness: whoever must step has the leaves, siblings and preimages of the step; a program asks only for preimages of
/// published data, and for none above 24,576 bytes.
interface IMachine {
    /// Raised when a witness isn't exactly as long as its step needs, also when it is shorter than a state.
    /// Build it again for this very state; for READ the rest of the witness is part of the length.
    error WitnessLengthWrong(uint256 expected, uint256 actual);
    /// Raised when the code leaf and its siblings don't lead to the program's code root. Prove the leaf that holds the instruction at pc.
    error CodeProofWrong(bytes32 expected, bytes32 actual);
    /// Raised when the memory leaf and its siblings don't lead to the memory root of the state. Prove the leaf that the instruction accesses.
    error MemoryProofWrong(bytes32 expected, bytes32 actual);
    /// Raised when the bytes behind the memory proof don't hash to the key of a READ. Send the preimage of that key, whole.
    error PreimageWrong(bytes32 expected, bytes32 actual);
    /// Raised when a preimage is longer than the 24,576 bytes that a step takes [bytes]. Shorten it: a program that asks for a longer one
    /// can't be disputed, and isn't fit for the catalogue.
    error PreimageTooLong(uint256 limit, uint256 actual);
    /// Raised when the opening of a blob word isn't accepted, or too little gas was left to check it. Check the versioned hash, the order of
    /// the words (bit-reversed) and the proof; if they are right, send the transaction with 100,000 gas more.
    error BlobOpeningWrong(bytes32 versionedHash, uint256 index);
    /// Raised when less gas is left than a precompile must be offered, which would falsify its answer [gas]. Send the transaction with at
    /// least `expected` left at this point.
    error StepGasTooLow(uint256 expected, uint256 actual);
    /// Raised when the chain lacks a precompile, or has another one in its place. Deploy on a chain whose precompiles 1 to 5 are
    /// Ethereum's: the machine can't decide disputes elsewhere.
    error PrecompileDiffers(uint256 precompile);

    /// Returns the hash of the state that the witness shows and the hash of the state one instruction later.
    /// @dev Anyone. Reverts for a bad witness only; whatever a program does has a next state. A halted state is its own next.
    /// @param codeRoot The root of the program's text, the memory subtree at [0, 2 MiB). Instructions are proved against it alone.
    /// @param witness memoryRoot | pc | x1..x31 | code leaf + 16 siblings | [memory leaf + 27 siblings] | [rest].
    function step(
        bytes32 codeRoot,
        bytes calldata witness
    ) external view returns (bytes32 before, bytes32 afterwards);
}
