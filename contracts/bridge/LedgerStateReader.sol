// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {Asset, assetOf, BORN_COLLECTION, BORN_FUNGIBLE, ERC721, NATIVE} from "./Asset.sol";
import {Holding, IStateReader} from "./IStateReader.sol";

/// The proof of an entry of the ledger's state: the entry, and from the root downwards `bit u16 ‖ sibling (32)` per node.
struct LedgerProof {
    bytes32 recordHash; // the other half of the state root's preimage
    bytes entry;
    bytes nodes;
    bytes born; // for kinds 5 … 7: the asset's own entry, else empty
    bytes bornNodes;
    bytes metadata; // for kind 6: the collection's metadata, else empty
}

/// Proves what accounts hold under a state root of the ledger program (docs/encodings/ledger.md, "State").
/// @dev A binary keccak Patricia tree over paths of 512 bits, which follow from the entry: an entry can't be shown at another's place.
/// Leaves and nodes hash with different prefixes. Accounts of the ledger all have keys, so no holding is keyOnly.
contract LedgerStateReader is IStateReader {
    uint8 private constant ACCOUNT = 0;
    uint8 private constant BALANCE = 1;
    uint8 private constant NFT = 2;
    uint8 private constant ASSET = 3;
    uint256 private constant ACCOUNT_LENGTH = 69; // tag ‖ owner(20) ‖ nonce u64 ‖ created u64 ‖ coins u256
    uint256 private constant BALANCE_LENGTH = 106; // tag ‖ owner(20) ‖ kind u8 ‖ token(20) ‖ id u256 ‖ amount u256
    uint256 private constant NFT_LENGTH = 74; // tag ‖ kind u8 ‖ token(20) ‖ id u256 ‖ holder(20)
    uint256 private constant ASSET_LENGTH = 115; // tag ‖ token(20) ‖ kind u8 ‖ … ‖ metadataHash(32)
    uint256 private constant NODE_LENGTH = 34; // bit u16 ‖ sibling(32)

    /// @notice Raised when the proof leads to another root. Prove under the last final commitment's state.
    error StateRootMismatch(bytes32 computed, bytes32 stateRoot);
    /// @notice Raised when a proof's nodes don't parse, or their bits don't grow downwards.
    error StateProofMalformed();
    /// @notice Raised when the entry isn't something that an account holds, or is of a kind that doesn't stand in such an entry.
    error EntryHoldsNothing(bytes entry);
    /// @notice Raised when the second entry isn't the asset's.
    error BornEntryForeign(bytes entry, Asset asset);
    /// @notice Raised when the metadata isn't the collection's, or doesn't parse.
    error CollectionMetadataWrong(bytes32 computed, bytes32 committed);

    /// @inheritdoc IStateReader
    /// @param proof an ABI-encoded `LedgerProof`
    function holding(bytes32 stateRoot, bytes calldata proof) external pure returns (Holding memory held) {
        LedgerProof memory shown = abi.decode(proof, (LedgerProof));
        _requireUnder(stateRoot, shown.recordHash, shown.entry, shown.nodes);
        held = _read(shown.entry);
        if (held.asset.kind() < BORN_FUNGIBLE) return held;
        _requireUnder(stateRoot, shown.recordHash, shown.born, shown.bornNodes);
        held.metadataHash = _metadataHash(shown.born, held.asset);
        if (held.asset.kind() == BORN_COLLECTION)
            held.metadataHash = _pieceHash(shown.metadata, held.metadataHash, held.id);
    }

    /// @dev What an entry says about a holder.
    function _read(bytes memory entry) private pure returns (Holding memory held) {
        uint256 length = entry.length;
        uint8 tag = length == 0 ? type(uint8).max : uint8(entry[0]);
        if (tag == ACCOUNT && length == ACCOUNT_LENGTH) {
            held.owner = _address(entry, 1);
            held.asset = assetOf(NATIVE, address(0));
            held.amount = _word(entry, 37);
        } else if (tag == BALANCE && length == BALANCE_LENGTH) {
            held.owner = _address(entry, 1);
            held.asset = assetOf(uint8(entry[21]), _address(entry, 22));
            held.id = _word(entry, 42);
            held.amount = _word(entry, 74);
        } else if (tag == NFT && length == NFT_LENGTH) {
            held.asset = assetOf(uint8(entry[1]), _address(entry, 2));
            held.id = _word(entry, 22);
            held.owner = _address(entry, 54);
            held.amount = 1;
        }
        require(held.amount != 0 && _tagOf(held.asset.kind()) == tag, EntryHoldsNothing(entry));
    }

    /// @dev Which entries hold assets of a kind: so no holding is shown by entries of two tags.
    function _tagOf(uint8 kind) private pure returns (uint8) {
        if (kind == NATIVE) return ACCOUNT;
        return kind == ERC721 || kind == BORN_COLLECTION ? NFT : BALANCE;
    }

    function _metadataHash(bytes memory entry, Asset asset) private pure returns (bytes32) {
        require(
            entry.length == ASSET_LENGTH &&
                uint8(entry[0]) == ASSET &&
                _address(entry, 1) == asset.token() &&
                uint8(entry[21]) == asset.kind(),
            BornEntryForeign(entry, asset)
        );
        return bytes32(_word(entry, 83));
    }

    /// @dev Hash of the metadata of one piece: the collection's, whose URI is followed by the id in decimal.
    function _pieceHash(bytes memory metadata, bytes32 committed, uint256 id) private pure returns (bytes32) {
        bytes32 computed = keccak256(metadata);
        require(computed == committed, CollectionMetadataWrong(computed, committed));
        // nameLength u8 ‖ name ‖ symbolLength u8 ‖ symbol ‖ uriLength u16 ‖ uri, as the program wrote it
        uint256 at = 1 + uint256(uint8(metadata[0]));
        at += 1 + uint256(uint8(metadata[at]));
        bytes memory digits = bytes(Strings.toString(id));
        uint256 uriLength = ((uint256(uint8(metadata[at])) << 8) | uint8(metadata[at + 1])) + digits.length;
        bytes memory piece = bytes.concat(metadata, digits);
        // At most 236 + 78 characters, which two bytes hold; each cast takes one of them.
        piece[at] = bytes1(uint8(uriLength >> 8));
        piece[at + 1] = bytes1(uint8(uriLength));
        return keccak256(piece);
    }

    /// @dev Hashes from the entry up to the state root. Bits grow downwards, so nodes are taken from the last.
    function _requireUnder(
        bytes32 stateRoot,
        bytes32 recordHash,
        bytes memory entry,
        bytes memory nodes
    ) private pure {
        require(nodes.length % NODE_LENGTH == 0, StateProofMalformed());
        (bytes32 first, bytes32 second) = _path(entry);
        bytes32 hash = keccak256(abi.encodePacked(uint8(0), entry));
        uint256 below = 512;
        for (uint256 at = nodes.length; at != 0;) {
            at -= NODE_LENGTH;
            uint256 bit = _word(nodes, at) >> 240;
            bytes32 sibling = bytes32(_word(nodes, at + 2));
            require(bit < below, StateProofMalformed());
            below = bit;
            // Bit 0 is the most significant one of the first word.
            uint256 side = uint256(bit < 256 ? first : second) >> (255 - (bit & 255));
            hash =
                side & 1 == 0
                    ? keccak256(abi.encodePacked(uint8(1), uint16(bit), hash, sibling))
                    : keccak256(abi.encodePacked(uint8(1), uint16(bit), sibling, hash));
        }
        bytes32 computed = keccak256(abi.encode(hash, recordHash));
        require(computed == stateRoot, StateRootMismatch(computed, stateRoot));
    }

    /// @dev Where an entry stands. Its first byte is the domain: 0 holdings, 1 NFTs, 2 assets.
    function _path(bytes memory entry) private pure returns (bytes32 first, bytes32 second) {
        require(entry.length != 0, StateProofMalformed());
        uint8 tag = uint8(entry[0]);
        if (tag == ACCOUNT) return (_inDomain(0, _hash(entry, 1, 20)), 0);
        if (tag == BALANCE) return (_inDomain(0, _hash(entry, 1, 20)), _hash(entry, 21, 53));
        if (tag == NFT) return (_inDomain(1, _hash(entry, 1, 21)), _hash(entry, 22, 32));
        require(tag == ASSET, StateProofMalformed());
        return (_inDomain(2, _hash(entry, 1, 20)), 0);
    }

    function _inDomain(uint256 domain, bytes32 hash) private pure returns (bytes32) {
        return bytes32((domain << 248) | ((uint256(hash) << 8) >> 8));
    }

    function _hash(bytes memory entry, uint256 at, uint256 length) private pure returns (bytes32 hash) {
        require(at + length <= entry.length, StateProofMalformed());
        // Reads `length` bytes of `entry`, within it by the line above.
        assembly ("memory-safe") {
            hash := keccak256(add(add(entry, 32), at), length)
        }
    }

    function _address(bytes memory entry, uint256 at) private pure returns (address) {
        return address(uint160(_word(entry, at) >> 96));
    }

    /// @dev The 32 bytes from `at` on. Callers take of it what lies within the entry.
    function _word(bytes memory entry, uint256 at) private pure returns (uint256 word) {
        // May read past the entry's end, into memory that exists: what lies there is shifted out by the callers.
        assembly ("memory-safe") {
            word := mload(add(add(entry, 32), at))
        }
    }
}
