// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC721} from "@openzeppelin/contracts/token/ERC721/IERC721.sol";
import {IERC1155} from "@openzeppelin/contracts/token/ERC1155/IERC1155.sol";
import {IERC1155Receiver} from "@openzeppelin/contracts/token/ERC1155/IERC1155Receiver.sol";
import {IERC165} from "@openzeppelin/contracts/utils/introspection/IERC165.sol";
import {IInbox} from "../hub/IInbox.sol";
import {RollupId} from "../hub/RollupId.sol";
import {
    Asset,
    assetOf,
    BORN_COLLECTION,
    BORN_FUNGIBLE,
    BORN_MULTI,
    ERC20,
    ERC721,
    ERC1155,
    NATIVE
} from "./Asset.sol";
import {Escrow} from "./Escrow.sol";
import {ExitCaller} from "./ExitCaller.sol";
import {ICanonicalBridge} from "./ICanonicalBridge.sol";
import {IMirror} from "./IMirror.sol";
import {Mirrors, Origin} from "./Mirrors.sol";
import {Payments} from "./Payments.sol";

/// The implementations that mirrors are clones of.
struct MirrorCode {
    address fungible;
    address collection;
    address multi;
}

/// The hands of the bridge: takes assets in and pays them out, mirrors included.
/// @dev Knows nothing of proofs; its callers have locked the bridge, and have taken out of escrow what they pay.
abstract contract EscrowKeeper is ICanonicalBridge, IERC1155Receiver {
    using Escrow for Escrow.Book;

    /// What others choose the receiver of gets at most so much in a run, so that one receiver can't burn the others' gas.
    uint256 internal constant RUN_PAYMENT_GAS = 200_000;

    IInbox public immutable hub;
    ExitCaller public immutable exitCaller;
    address private immutable _mirrorERC20;
    address private immutable _mirrorERC721;
    address private immutable _mirrorERC1155;

    Escrow.Book internal _book;
    mapping(address mirror => Origin) internal _origins;

    constructor(IInbox hub_, MirrorCode memory code) {
        hub = hub_;
        exitCaller = new ExitCaller();
        _mirrorERC20 = code.fungible;
        _mirrorERC721 = code.collection;
        _mirrorERC1155 = code.multi;
    }

    // ------------------------------------------------------------------------------------------------------------ in

    /// Takes the caller's ERC-20 tokens; returns what arrived, and the asset as the rollup knows it.
    function _takeToken(
        RollupId rollup,
        address token,
        uint256 amount
    ) internal returns (Asset asset, uint256 arrived) {
        asset = assetOf(ERC20, token);
        if (_book.accounts[rollup][Asset.unwrap(asset)].isHome()) {
            require(amount != 0, NothingDeposited(token));
            IMirror(token).burn(msg.sender, 0, amount);
            return (assetOf(BORN_FUNGIBLE, _origins[token].token), amount);
        }
        uint256 before = Payments.balanceOf(token, address(this));
        require(Payments.pullToken(token, msg.sender, address(this), amount), DepositRefused(token, amount));
        uint256 afterwards = Payments.balanceOf(token, address(this));
        require(afterwards > before, NothingDeposited(token));
        // Compared on the line above.
        unchecked {
            arrived = afterwards - before;
        }
        _book.put(rollup, asset, 0, arrived);
    }

    /// Takes the caller's ERC-721 token; returns the asset as the rollup knows it.
    function _takeNft(RollupId rollup, address token, uint256 id) internal returns (Asset asset) {
        if (_isHome(rollup, token)) {
            IMirror(token).burn(msg.sender, id, 1);
            return assetOf(BORN_COLLECTION, _origins[token].token);
        }
        asset = assetOf(ERC721, token);
        // Before the transfer: the entry must be empty.
        _book.put(rollup, asset, id, 1);
        IERC721(token).transferFrom(msg.sender, address(this), id);
        require(IERC721(token).ownerOf(id) == address(this), NftNotReceived(token, id));
    }

    /// Takes the caller's ERC-1155 tokens of one id; returns what arrived, and the asset as the rollup knows it.
    function _takeMulti(
        RollupId rollup,
        address token,
        uint256 id,
        uint256 amount
    ) internal returns (Asset asset, uint256 arrived) {
        if (_isHome(rollup, token)) {
            require(amount != 0, NothingDeposited(token));
            IMirror(token).burn(msg.sender, id, amount);
            return (assetOf(BORN_MULTI, _origins[token].token), amount);
        }
        asset = assetOf(ERC1155, token);
        uint256 before = IERC1155(token).balanceOf(address(this), id);
        IERC1155(token).safeTransferFrom(msg.sender, address(this), id, amount, "");
        uint256 afterwards = IERC1155(token).balanceOf(address(this), id);
        require(afterwards > before, NothingDeposited(token));
        arrived = afterwards - before;
        _book.put(rollup, asset, id, arrived);
    }

    /// Enqueues the message that tells a rollup of a deposit.
    function _enqueue(
        RollupId rollup,
        address sender,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        address fallbackTo,
        bytes calldata data
    ) internal returns (uint64) {
        return hub.deposit(rollup, sender, abi.encodePacked(asset, id, amount, to, fallbackTo, data));
    }

    // ----------------------------------------------------------------------------------------------------------- out

    /// Pays an asset that was taken out of the rollup's escrow; what was born there is minted as its mirror.
    /// @return isPaid false if the receiver or the token refuses
    function _pay(
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        bytes calldata metadata,
        bytes32 metadataHash,
        uint256 gasLimit
    ) internal returns (bool isPaid) {
        if (to == address(this)) return false;
        uint8 kind = asset.kind();
        if (kind == NATIVE) return Payments.sendNative(to, amount, gasLimit);
        if (kind == ERC20) {
            if (gasLimit != RUN_PAYMENT_GAS) return _payToken(asset.token(), to, amount);
            // In a run a token may fail in any way, and takes nobody else's payment with it.
            try this.payTokenApart{gas: gasLimit}(asset.token(), to, amount) returns (bool paid) {
                return paid;
            } catch {
                return false;
            }
        }
        if (kind == ERC721) return Payments.sendNft(asset.token(), to, id, gasLimit);
        if (kind == ERC1155) return Payments.sendMulti(asset.token(), to, id, amount, gasLimit);
        (, isPaid) = Mirrors.mint(
            _origins,
            _book,
            _mirrorCode(kind),
            rollup,
            asset,
            id,
            amount,
            to,
            metadata,
            metadataHash,
            gasLimit
        );
    }

    /// Pays ERC-20 tokens in a frame of their own. The bridge itself, within a run.
    function payTokenApart(address token, address to, uint256 amount) external returns (bool isPaid) {
        require(msg.sender == address(this), CallerNotItself(msg.sender));
        return _payToken(token, to, amount);
    }

    /// @dev A token that takes more than it was asked for would take it from other rollups.
    function _payToken(address token, address to, uint256 amount) private returns (bool isPaid) {
        uint256 before = Payments.balanceOf(token, address(this));
        isPaid = Payments.sendToken(token, to, amount, gasleft());
        uint256 afterwards = Payments.balanceOf(token, address(this));
        // Compared before it is subtracted.
        unchecked {
            if (before > afterwards) {
                require(before - afterwards <= amount, TokenTookMore(token, before - afterwards, amount));
            }
        }
    }

    /// Changes the account of what moves from one rollup to another; returns the asset as the target knows it.
    /// @dev What was born on the source becomes its mirror, an L1 token; a mirror that comes home is burned.
    function _transfer(
        RollupId rollup,
        RollupId target,
        Asset asset,
        uint256 id,
        uint256 amount,
        bytes calldata metadata,
        bytes32 metadataHash
    ) internal returns (Asset) {
        if (!Escrow.isKept(asset)) {
            if (RollupId.unwrap(rollup) == RollupId.unwrap(target)) return asset;
            (address mirror, bool isMinted) = Mirrors.mint(
                _origins,
                _book,
                _mirrorCode(asset.kind()),
                rollup,
                asset,
                id,
                amount,
                address(this),
                metadata,
                metadataHash,
                gasleft()
            );
            require(isMinted, MirrorMintFailed(mirror, id));
            // Kinds 5, 6, 7 live on L1 as 1, 2, 3.
            asset = assetOf(asset.kind() - BORN_FUNGIBLE + ERC20, mirror);
        } else if (asset.kind() != NATIVE && _isHome(target, asset.token())) {
            IMirror(asset.token()).burn(address(this), id, amount);
            return assetOf(asset.kind() - ERC20 + BORN_FUNGIBLE, _origins[asset.token()].token);
        }
        _book.put(target, asset, id, amount);
        return asset;
    }

    // ------------------------------------------------------------------------------------------------------- mirrors

    /// @inheritdoc ICanonicalBridge
    function mirrorOf(RollupId rollup, Asset asset) public view returns (address) {
        return Mirrors.addressOf(_mirrorCode(asset.kind()), rollup, asset.token());
    }

    function _isHome(RollupId rollup, address token) private view returns (bool) {
        RollupId origin = _origins[token].rollup;
        return RollupId.unwrap(origin) != 0 && RollupId.unwrap(origin) == RollupId.unwrap(rollup);
    }

    function _mirrorCode(uint8 kind) private view returns (address) {
        if (kind == BORN_FUNGIBLE) return _mirrorERC20;
        if (kind == BORN_COLLECTION) return _mirrorERC721;
        require(kind == BORN_MULTI, AssetKindUnknown(kind));
        return _mirrorERC1155;
    }

    // -------------------------------------------------------------------------------------------------- ERC-1155 side

    /// Takes ERC-1155 tokens only while the bridge itself moves them: others' gifts would be lost.
    function onERC1155Received(
        address operator,
        address,
        uint256,
        uint256,
        bytes calldata
    ) external view returns (bytes4) {
        require(operator == address(this), UnsolicitedTokens(operator));
        return IERC1155Receiver.onERC1155Received.selector;
    }

    /// Refuses: the bridge moves one id at a time.
    function onERC1155BatchReceived(
        address operator,
        address,
        uint256[] calldata,
        uint256[] calldata,
        bytes calldata
    ) external pure returns (bytes4) {
        revert UnsolicitedTokens(operator);
    }

    /// @inheritdoc IERC165
    function supportsInterface(bytes4 id) external pure returns (bool) {
        return id == type(IERC165).interfaceId || id == type(IERC1155Receiver).interfaceId;
    }
}
