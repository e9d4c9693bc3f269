// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Clones} from "@openzeppelin/contracts/proxy/Clones.sol";
import {Strings} from "@openzeppelin/contracts/utils/Strings.sol";
import {RollupId} from "../hub/RollupId.sol";
import {Asset, assetOf, BORN_COLLECTION, BORN_FUNGIBLE, ERC20} from "./Asset.sol";
import {Escrow} from "./Escrow.sol";
import {IMirror} from "./IMirror.sol";
import {Metadata} from "./Metadata.sol";

/// What a token is, in one slot: of a mirror, where the asset behind it was born.
struct Origin {
    RollupId rollup; // 0: not a mirror
    uint8 kind; // 5 … 7; else 1 … 3, the standard that its first deposit held it to, or 0
    address token; // the L2 address, 0 for what isn't a mirror
}

/// Deploys mirrors, knows their origins, and mints.
/// @dev A mirror is a clone whose code ends in (bridge, rollup, L2 token), deployed by CREATE2 with salt 0: its address follows from these
/// and from the kind's implementation, and nobody else can deploy there. Linked: the bridge runs it by delegatecall, to stay within the
/// size of a contract.
library Mirrors {
    using Escrow for Escrow.Book;

    /// @notice Emitted when the first exit of something born on a rollup deploys its mirror.
    event MirrorDeployed(
        RollupId indexed rollup,
        address indexed l2Token,
        address indexed mirror,
        uint8 kind
    );

    /// Returns where the mirror of an asset is, or will be.
    function addressOf(
        address implementation,
        RollupId rollup,
        address l2Token
    ) public view returns (address) {
        return
            Clones.predictDeterministicAddressWithImmutableArgs(
                implementation,
                abi.encodePacked(address(this), rollup, l2Token),
                0
            );
    }

    /// Mints the mirror of something born on a rollup, deploying it if this is the first exit.
    /// @param metadata for a first exit and for each NFT; an NFT without a metadata hash has a URI that is known
    /// @param gasLimit of the minting, which may call a multi-token's receiver
    /// @return mirror its address
    /// @return isMinted false if it refuses: the receiver of a multi-token, or an NFT that exists (a hostile program let it out twice)
    function mint(
        mapping(address mirror => Origin) storage origins,
        Escrow.Book storage book,
        address implementation,
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        bytes calldata metadata,
        bytes32 metadataHash,
        uint256 gasLimit
    ) external returns (address mirror, bool isMinted) {
        mirror = addressOf(implementation, rollup, asset.token());
        string calldata name = string(metadata[:0]);
        string calldata symbol = name;
        string calldata uri = name;
        bool isNew = mirror.code.length == 0;
        if (isNew || (asset.kind() == BORN_COLLECTION && metadataHash != 0)) {
            (name, symbol, uri) = Metadata.read(metadata, metadataHash);
        }
        if (isNew) _deploy(origins, book, implementation, rollup, asset, name, symbol, uri);
        try IMirror(mirror).mint{gas: gasLimit}(to, id, amount, uri) {
            isMinted = true;
        } catch {}
    }

    function _deploy(
        mapping(address mirror => Origin) storage origins,
        Escrow.Book storage book,
        address implementation,
        RollupId rollup,
        Asset asset,
        string calldata name,
        string calldata symbol,
        string calldata uri
    ) private {
        address mirror = Clones.cloneDeterministicWithImmutableArgs(
            implementation,
            abi.encodePacked(address(this), rollup, asset.token()),
            0
        );
        origins[mirror] = Origin(rollup, asset.kind(), asset.token());
        // Deposits read this slot anyway: so they know a mirror that comes home.
        if (asset.kind() == BORN_FUNGIBLE) book.setHome(rollup, assetOf(ERC20, mirror));
        emit MirrorDeployed(rollup, asset.token(), mirror, asset.kind());
        IMirror(mirror).open(
            string.concat(name, " (rollup ", Strings.toString(RollupId.unwrap(rollup)), ")"),
            symbol,
            uri
        );
    }
}
