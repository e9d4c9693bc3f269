// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Asset, BORN_FUNGIBLE, BORN_MULTI, ERC1155} from "./Asset.sol";
import {Consents} from "./Consents.sol";
import {EscrowKeeper} from "./EscrowKeeper.sol";
import {ExitHead, ExitLeaf} from "./ExitLeaf.sol";
import {ExitPlace} from "./ExitPlace.sol";
import {ExitTree} from "./ExitTree.sol";
import {Consent, ExitProof, ICanonicalBridge} from "./ICanonicalBridge.sol";

/// What every claim is checked against: the lock, commitments that the hub keeps, spent leaves, and what owners consent to.
abstract contract Leaves is EscrowKeeper, EIP712 {
    uint256 internal constant LONGEST_RUN = 128; // as many leaves as a word has bits for

    /// A word for 128 leaves, by `rollup u64 ‖ index / 128`: bit i: leaf i is spent; bit 128 + i: somebody may have bought leaf i.
    mapping(uint256 key => uint256) internal _leaves;
    mapping(RollupId rollup => mapping(bytes32 sale => address)) internal _payees;

    /// One lock over everything that moves assets: a hook of a token or a receiver finds every door shut.
    uint256 private transient _lock; // 1 while locked; a word, as a bool would be read before it is written

    modifier locked() {
        require(_lock == 0, BridgeLocked());
        _lock = 1;
        _;
        _lock = 0;
    }

    /// @inheritdoc ICanonicalBridge
    function isSpent(RollupId rollup, uint256 index) external view returns (bool) {
        return (_leaves[_wordKey(rollup, index)] >> (index & (LONGEST_RUN - 1))) & 1 == 1;
    }

    /// @inheritdoc ICanonicalBridge
    function payeeOf(RollupId rollup, uint256 index, bytes32 leafHash) external view returns (address) {
        return _payees[rollup][_saleKey(index, leafHash)];
    }

    // --------------------------------------------------------------------------------------------------------- proofs

    function _requireProven(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) internal view returns (bytes32 leafHash) {
        leafHash = leaf.hash();
        ExitPlace place = proof.place;
        _requireKept(ExitTree.rootFromLeaf(leafHash, place.index(), place.count(), siblings), proof);
    }

    function _requireRunProven(
        ExitLeaf[] calldata leaves,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) internal view {
        require(leaves.length <= LONGEST_RUN, RunTooLong(leaves.length, LONGEST_RUN));
        ExitPlace place = proof.place;
        bytes32[] memory hashes = new bytes32[](leaves.length);
        for (uint256 i; i < leaves.length; ++i) hashes[i] = leaves[i].hash();
        _requireKept(ExitTree.rootFromRun(hashes, place.index(), place.count(), siblings), proof);
    }

    function _requireKept(bytes32 root, ExitProof calldata proof) private view {
        ExitPlace place = proof.place;
        bytes32 exitRoot = ExitTree.seal(root, place.count());
        bytes32 commitment = _commitment(proof.stateRoot, exitRoot, proof.packed);
        require(
            _keptIn(place.rollup(), place.slot()) == commitment,
            CommitmentNotKept(place.rollup(), place.slot(), commitment)
        );
    }

    /// `hub.commitmentIn(rollup, slot)`; no commitment is 0, which is what a hub without an answer keeps.
    function _keptIn(RollupId rollup, uint256 slot) private view returns (bytes32 commitment) {
        address inbox = address(hub);
        bytes4 selector = IInbox.commitmentIn.selector;
        uint256 id = RollupId.unwrap(rollup);
        // 68 bytes at the free memory pointer, which stays where it is; one word of output into scratch space.
        assembly ("memory-safe") {
            let input := mload(0x40)
            mstore(input, selector)
            mstore(add(input, 4), id)
            mstore(add(input, 36), slot)
            // Arguments are evaluated from the last to the first: the call comes before the size of what it returned.
            if and(gt(returndatasize(), 31), staticcall(gas(), inbox, input, 68, 0, 32)) {
                commitment := mload(0)
            }
        }
    }

    function _commitment(
        bytes32 stateRoot,
        bytes32 exitRoot,
        bytes32 packed
    ) internal pure returns (bytes32 commitment) {
        // Three words at the free memory pointer, which stays where it is.
        assembly ("memory-safe") {
            let buffer := mload(0x40)
            mstore(buffer, stateRoot)
            mstore(add(buffer, 32), exitRoot)
            mstore(add(buffer, 64), packed)
            commitment := keccak256(buffer, 96)
        }
    }

    // --------------------------------------------------------------------------------------------------------- leaves

    function _requireToL1(ExitHead head) internal pure {
        require(head.version() == 1, ExitVersionUnknown(head.version()));
        RollupId target = head.target();
        require(RollupId.unwrap(target) == 0, ExitGoesToRollup(target));
    }

    /// Returns the leaf's word, and who bought the leaf, or 0.
    function _requireUnspent(
        RollupId rollup,
        uint256 index,
        bytes32 leafHash
    ) internal view returns (uint256 word, address payee) {
        word = _leaves[_wordKey(rollup, index)];
        uint256 bit = index & (LONGEST_RUN - 1);
        // Both of the leaf's bits are clear in the usual case.
        uint256 bits = (word >> bit) & ((1 << LONGEST_RUN) | 1);
        if (bits == 0) return (word, address(0));
        require(bits & 1 == 0, ExitSpent(rollup, index));
        payee = _payees[rollup][_saleKey(index, leafHash)];
    }

    function _requireKind(Asset asset) internal pure {
        require(_isKnown(asset), AssetKindUnknown(asset.kind()));
    }

    function _isKnown(Asset asset) internal pure returns (bool) {
        uint8 kind = asset.kind();
        return kind <= ERC1155 || (kind >= BORN_FUNGIBLE && kind <= BORN_MULTI);
    }

    function _wordKey(RollupId rollup, uint256 index) internal pure returns (uint256) {
        return (uint256(RollupId.unwrap(rollup)) << 64) | (index >> 7);
    }

    function _saleKey(uint256 index, bytes32 leafHash) internal pure returns (bytes32) {
        return keccak256(abi.encode(index, leafHash));
    }

    // ------------------------------------------------------------------------------------------------------- consents

    /// The owner calls himself, or has signed.
    function _requireConsent(address owner, bytes32 structHash, Consent calldata consent) internal view {
        if (consent.signature.length == 0) {
            require(msg.sender == owner, CallerNotExitOwner(msg.sender, owner));
            return;
        }
        Consents.requireSigned(owner, _hashTypedDataV4(structHash), consent);
    }

    /// The owner's key has signed, or the owner is the caller's alias.
    function _requireKey(address owner, bytes32 structHash, Consent calldata consent) internal view {
        if (consent.signature.length == 0) {
            require(Consents.aliasOf(msg.sender) == owner, CallerNotExitOwner(msg.sender, owner));
            return;
        }
        Consents.requireSignedByKey(owner, _hashTypedDataV4(structHash), consent);
    }
}
