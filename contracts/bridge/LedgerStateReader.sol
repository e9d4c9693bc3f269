// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Asset, assetOf, BORN_COLLECTION, BORN_FUNGIBLE, ERC721, NATIVE} from "./Asset.sol";
import {Holding, IStateReader} from "./IStateReader.sol";

/// Proves what accounts hold under a state root of the ledger program (docs/encodings/ledger.md, "State").
///
/// ```
/// proof = recordHash(32) ‖ shown                              kinds 0 … 3
///       | recordHash(32) ‖ shown ‖ shown                      kinds 5 and 7; the second is the asset's entry
///       | recordHash(32) ‖ shown ‖ shown ‖ metadata           kind 6; the collection's
/// shown = entry ‖ count u16 ‖ count × (bit u16 ‖ sibling(32)) from the root downwards
/// ```
///
/// @dev A binary keccak Patricia tree over paths of 512 bits. The path follows from the entry: an entry can't be shown at another's
/// place. Leaves and nodes hash with different prefixes. Accounts of the ledger all have keys, so no holding is keyOnly.
contract LedgerStateReader is IStateReader {
    uint256 private constant ACCOUNT = 0;
    uint256 private constant BALANCE = 1;
    uint256 private constant NFT = 2;
    uint256 private constant ASSET = 3;
    uint256 private constant ACCOUNT_LENGTH = 69; // tag ‖ owner(20) ‖ nonce u64 ‖ created u64 ‖ coins u256
    uint256 private constant BALANCE_LENGTH = 106; // tag ‖ owner(20) ‖ kind u8 ‖ token(20) ‖ id u256 ‖ amount u256
    uint256 private constant NFT_LENGTH = 74; // tag ‖ kind u8 ‖ token(20) ‖ id u256 ‖ holder(20)
    uint256 private constant ASSET_LENGTH = 115; // tag ‖ token(20) ‖ kind u8 ‖ … ‖ metadataHash(32)
    uint256 private constant NODE_LENGTH = 34;
    uint256 private constant PATH_BITS = 512;

    /// @notice Raised when the proof leads to another root. Prove under the last final commitment's state.
    error StateRootMismatch(bytes32 computed, bytes32 stateRoot);
    /// @notice Raised when a proof is too short or too long, or its bits don't grow downwards. Build it by the SDK's `proveHolding`, under
    /// the last final state.
    error StateProofMalformed();
    /// @notice Raised when the entry isn't something that an account holds, or is of a kind that doesn't stand in such an entry. Prove an
    /// account's, balance's or NFT's entry whose amount isn't 0.
    error EntryHoldsNothing(bytes entry);
    /// @notice Raised when the second entry of the proof isn't that of the asset held. Prove the asset's own entry under the same state
    /// root.
    error BornEntryForeign(bytes entry, Asset asset);
    /// @notice Raised when the metadata doesn't hash to what the collection's entry commits to. Append the collection's own metadata,
    /// without an id in its URI.
    error CollectionMetadataWrong(bytes32 computed, bytes32 committed);

    /// @inheritdoc IStateReader
    function holding(bytes32 stateRoot, bytes calldata proof) external pure returns (Holding memory held) {
        require(proof.length > 32, StateProofMalformed());
        bytes32 recordHash = bytes32(proof[:32]);
        (bytes calldata entry, bytes calldata rest) = _shown(stateRoot, recordHash, proof[32:]);
        _read(entry, held);
        if (held.asset.kind() >= BORN_FUNGIBLE) {
            (entry, rest) = _shown(stateRoot, recordHash, rest);
            held.metadataHash = _metadataHash(entry, held.asset);
            if (held.asset.kind() == BORN_COLLECTION) {
                held.metadataHash = _pieceHash(rest, held.metadataHash, held.id);
                return held;
            }
        }
        require(rest.length == 0, StateProofMalformed());
    }

    /// @dev Takes an entry that stands under the state root off the front of a proof.
    function _shown(
        bytes32 stateRoot,
        bytes32 recordHash,
        bytes calldata proof
    ) private pure returns (bytes calldata entry, bytes calldata rest) {
        uint256 length = proof.length == 0 ? 0 : _lengthOf(uint8(proof[0]));
        require(length != 0 && proof.length >= length + 2, StateProofMalformed());
        uint256 end = length + 2 + NODE_LENGTH * (_word(proof, length) >> 240);
        require(proof.length >= end, StateProofMalformed());
        bytes calldata nodes;
        // Cuts the proof at `length`, two bytes later and at `end`, which lie within it by the checks above.
        assembly ("memory-safe") {
            entry.offset := proof.offset
            entry.length := length
            nodes.offset := add(add(proof.offset, length), 2)
            nodes.length := sub(end, add(length, 2))
            rest.offset := add(proof.offset, end)
            rest.length := sub(proof.length, end)
        }
        bytes32 computed = keccak256(abi.encode(_treeRoot(entry, nodes), recordHash));
        require(computed == stateRoot, StateRootMismatch(computed, stateRoot));
    }

    /// @dev Hashes from the entry up. Bits grow downwards, so nodes are taken from the last.
    function _treeRoot(bytes calldata entry, bytes calldata nodes) private pure returns (bytes32 hash) {
        (bytes32 first, bytes32 second) = _path(entry);
        bool isMalformed;
        // Hashes `0x00 ‖ entry` beyond the free memory, then the 67 bytes `0x01 ‖ bit u16 ‖ left ‖ right` from 0x1d on; the right one lies where Solidity keeps the free memory
        // pointer, which is put back in the end. Reads `nodes` only, whose length is a multiple of a node's.
        assembly ("memory-safe") {
            let freeMemory := mload(0x40)
            mstore8(freeMemory, 0)
            calldatacopy(add(freeMemory, 1), entry.offset, entry.length)
            hash := keccak256(freeMemory, add(entry.length, 1))
            let below := PATH_BITS
            for {
                let at := add(nodes.offset, nodes.length)
            } gt(at, nodes.offset) {} {
                at := sub(at, NODE_LENGTH)
                let bit := shr(240, calldataload(at))
                isMalformed := or(isMalformed, iszero(lt(bit, below)))
                below := bit
                mstore(0, or(0x10000, bit))
                // 32 if the entry is on the right. Bit 0 is the most significant one of the first half.
                switch gt(bit, 255)
                case 0 {
                    bit := and(shl(5, shr(and(not(bit), 255), first)), 32)
                }
                default {
                    bit := and(shl(5, shr(and(not(bit), 255), second)), 32)
                }
                mstore(add(0x20, bit), hash)
                mstore(sub(0x40, bit), calldataload(add(at, 2)))
                hash := keccak256(0x1d, 67)
            }
            mstore(0x40, freeMemory)
        }
        require(!isMalformed, StateProofMalformed());
    }

    /// @dev Where an entry stands. Its first byte is the domain: 0 holdings, 1 NFTs, 2 assets.
    function _path(bytes calldata entry) private pure returns (bytes32 first, bytes32 second) {
        uint256 tag = uint8(entry[0]);
        if (tag == NFT) return (_inDomain(1, _hash(entry, 1, 21)), _hash(entry, 22, 32));
        first = _inDomain(tag == ASSET ? 2 : 0, _hash(entry, 1, 20));
        if (tag == BALANCE) second = _hash(entry, 21, 53);
    }

    function _inDomain(uint256 domain, bytes32 hash) private pure returns (bytes32) {
        return bytes32((domain << 248) | ((uint256(hash) << 8) >> 8));
    }

    /// @dev Entries of other tags hold nothing: 0.
    function _lengthOf(uint256 tag) private pure returns (uint256) {
        if (tag == ACCOUNT) return ACCOUNT_LENGTH;
        if (tag == BALANCE) return BALANCE_LENGTH;
        if (tag == NFT) return NFT_LENGTH;
        return tag == ASSET ? ASSET_LENGTH : 0;
    }

    /// @dev What an entry says about a holder.
    function _read(bytes calldata entry, Holding memory held) private pure {
        uint256 tag = uint8(entry[0]);
        if (tag == ACCOUNT) {
            held.owner = _address(entry, 1);
            held.amount = _word(entry, 37);
        } else if (tag == BALANCE) {
            held.owner = _address(entry, 1);
            held.asset = assetOf(uint8(entry[21]), _address(entry, 22));
            held.id = _word(entry, 42);
            held.amount = _word(entry, 74);
        } else if (tag == NFT) {
            held.asset = assetOf(uint8(entry[1]), _address(entry, 2));
            held.id = _word(entry, 22);
            held.owner = _address(entry, 54);
            held.amount = 1;
        }
        require(held.amount != 0 && _tagOf(held.asset.kind()) == tag, EntryHoldsNothing(entry));
    }

    /// @dev Which entries hold assets of a kind: so no holding is shown by entries of two tags.
    function _tagOf(uint8 kind) private pure returns (uint256) {
        if (kind == NATIVE) return ACCOUNT;
        return kind == ERC721 || kind == BORN_COLLECTION ? NFT : BALANCE;
    }

    function _metadataHash(bytes calldata entry, Asset asset) private pure returns (bytes32) {
        require(
            uint8(entry[0]) == ASSET &&
                _address(entry, 1) == asset.token() &&
                uint8(entry[21]) == asset.kind(),
            BornEntryForeign(entry, asset)
        );
        return bytes32(_word(entry, 83));
    }

    /// @dev Hash of the metadata of one piece: the collection's, whose URI is followed by the id in decimal.
    function _pieceHash(
        bytes calldata metadata,
        bytes32 committed,
        uint256 id
    ) private pure returns (bytes32) {
        bytes32 computed = keccak256(metadata);
        require(computed == committed, CollectionMetadataWrong(computed, committed));
        // nameLength u8 ‖ name ‖ symbolLength u8 ‖ symbol ‖ uriLength u16 ‖ uri, as the program wrote it
        uint256 at = 1 + uint256(uint8(metadata[0]));
        at += 1 + uint256(uint8(metadata[at]));
        bytes memory digits = bytes(Strings.toString(id));
        uint256 length = uint256(uint16(bytes2(metadata[at:at + 2]))) + digits.length;
        // At most 236 + 78 characters: fits a u16.
        return keccak256(abi.encodePacked(metadata[:at], uint16(length), metadata[at + 2:], digits));
    }

    function _address(bytes calldata data, uint256 at) private pure returns (address) {
        return address(uint160(_word(data, at) >> 96));
    }

    /// @dev The hash of `length` bytes from `at` on, within the data by its callers' constants.
    function _hash(bytes calldata data, uint256 at, uint256 length) private pure returns (bytes32 hash) {
        // At most 53 bytes in scratch space.
        assembly ("memory-safe") {
            calldatacopy(0, add(data.offset, at), length)
            hash := keccak256(0, length)
        }
    }

    /// @dev The 32 bytes from `at` on. Callers shift out what lies beyond the data's end.
    function _word(bytes calldata data, uint256 at) private pure returns (uint256 word) {
        // memory-safe: touches no memory
        assembly ("memory-safe") {
            word := calldataload(add(data.offset, at))
        }
    }
}
