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
import {Account, Escrow} from "./Escrow.sol";
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
    uint256 private constant RUN_PAYMENT_GAS = 200_000;
    /// As much for what was born on a rollup: its first exit deploys the mirror, and stores name, symbol and URI.
    uint256 private constant RUN_MIRROR_GAS = 1_000_000;

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
        Account account = _book.accounts[rollup][Asset.unwrap(asset)];
        // Only mirrors of fungible assets have the flag.
        if (account.isHome()) {
            require(amount != 0, NothingDeposited(token));
            IMirror(token).burn(msg.sender, 0, amount);
            return (assetOf(BORN_FUNGIBLE, _origins[token].token), amount);
        }
        // What has a balance was held to its standard when it first came in.
        bool isNew = account.balance() == 0 && _hold(token, ERC20);
        uint256 before = Payments.balanceOf(token, address(this));
        require(Payments.pullToken(token, msg.sender, address(this), amount), DepositRefused(token, amount));
        uint256 afterwards = Payments.balanceOf(token, address(this));
        require(afterwards > before, NothingDeposited(token));
        // An old collection answers these calls too, and nobody shall lock it out of `depositNft`.
        require(!isNew || !Payments.isNftOf(token, address(this), amount), TokenIsNft(token, amount));
        // Compared above.
        unchecked {
            arrived = afterwards - before;
        }
        _book.put(rollup, asset, 0, arrived);
    }

    /// Takes the caller's ERC-721 token; returns the asset as the rollup knows it.
    function _takeNft(RollupId rollup, address token, uint256 id) internal returns (Asset asset) {
        _hold(token, ERC721);
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
        _hold(token, ERC1155);
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
    /// @dev The caller must revert if it isn't paid: a token may have moved, and then say that it hasn't.
    /// @param gasLimit for a receiver that coins or mirrored multi-tokens call
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
        if (kind == ERC20) return _payToken(asset.token(), to, amount);
        if (kind == ERC721) return Payments.sendNft(asset.token(), to, id);
        if (kind == ERC1155) return Payments.sendMulti(asset.token(), to, id, amount);
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

    /// As `_pay`, within a run: whatever fails, and in whichever way, is undone and takes nobody else's payment with it.
    function _payInRun(
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        bytes calldata metadata,
        bytes32 metadataHash
    ) internal returns (bool isPaid) {
        // The bridge refuses coins that come without a deposit, its own too.
        if (asset.kind() == NATIVE) return Payments.sendNative(to, amount, RUN_PAYMENT_GAS);
        uint256 gasLimit = Escrow.isKept(asset) ? RUN_PAYMENT_GAS : RUN_MIRROR_GAS;
        try this.payApart{gas: gasLimit}(rollup, asset, id, amount, to, metadata, metadataHash) {
            isPaid = true;
        } catch {}
    }

    /// Pays in a frame of its own, or reverts. The bridge itself, within a run.
    function payApart(
        RollupId rollup,
        Asset asset,
        uint256 id,
        uint256 amount,
        address to,
        bytes calldata metadata,
        bytes32 metadataHash
    ) external {
        require(msg.sender == address(this), CallerNotItself(msg.sender));
        require(
            // Only a mirrored multi-token calls its receiver; a collection's first piece stores its texts.
            _pay(
                rollup,
                asset,
                id,
                amount,
                to,
                metadata,
                metadataHash,
                asset.kind() == BORN_MULTI ? RUN_PAYMENT_GAS : gasleft()
            ),
            PaymentRefused(asset, to)
        );
    }

    /// @dev A token that takes more than it was asked for would take it from other rollups.
    function _payToken(address token, address to, uint256 amount) private returns (bool isPaid) {
        // A collection that has no balances would take the amount for an NFT's id.
        if (amount == 0) return true;
        uint256 before = Payments.balanceOf(token, address(this));
        isPaid = Payments.sendToken(token, to, amount);
        uint256 afterwards = Payments.balanceOf(token, address(this));
        // Compared before it is subtracted.
        unchecked {
            if (before > afterwards) {
                require(before - afterwards <= amount, TokenTookMore(token, before - afterwards, amount));
            }
        }
    }

    /// Changes the account of what moves from one rollup to another; returns the asset as the target knows it.
    /// @dev What was born on the source becomes its mirror, an L1 token; a mirror that comes home is burned. Both happen to what goes from
    /// a rollup to itself: so a message that names a born asset always has a mirror behind it, by which it can be refunded.
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
        }
        if (asset.kind() != NATIVE) {
            _requireStandard(asset.token(), asset.kind());
            if (_isHome(target, asset.token())) {
                IMirror(asset.token()).burn(address(this), id, amount);
                return assetOf(asset.kind() - ERC20 + BORN_FUNGIBLE, _origins[asset.token()].token);
            }
        }
        _book.put(target, asset, id, amount);
        return asset;
    }

    // ------------------------------------------------------------------------------------------------------- mirrors

    /// @inheritdoc ICanonicalBridge
    function mirrorOf(RollupId rollup, Asset asset) public view returns (address) {
        return Mirrors.addressOf(_mirrorCode(asset.kind()), rollup, asset.token());
    }

    /// Holds a token to a standard, for all rollups and for ever; a mirror was held to its own when it was deployed.
    /// @return isNew true if it wasn't held to any
    function _hold(address token, uint8 standard) private returns (bool isNew) {
        isNew = _requireStandard(token, standard) == 0;
        if (isNew) _origins[token].kind = standard;
    }

    /// Returns the standard that a token is held to, 0 for none yet; it must be the one asked for.
    function _requireStandard(address token, uint8 asked) private view returns (uint8 standard) {
        standard = _origins[token].kind;
        // Kinds 5, 6, 7 live on L1 as 1, 2, 3.
        if (standard > ERC1155) standard = standard - BORN_FUNGIBLE + ERC20;
        require(standard == 0 || standard == asked, TokenStandardDiffers(token, standard, asked));
    }

    /// Returns true for the mirror of something born on the rollup. The caller has made sure of its standard, and with it of its kind.
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
