// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset} from "./Asset.sol";
import {ExitLeaf} from "./ExitLeaf.sol";
import {ExitPlace} from "./ExitPlace.sol";

/// What an exit, or a run of exits, is proven under: a commitment that the hub keeps. The proof's siblings, upwards, stand apart.
struct ExitProof {
    ExitPlace place; // of the exit, or of the run's first
    bytes32 stateRoot; // the commitment's other fields
    bytes32 packed;
}

/// Which exit an owner sends where, or a buyer pays whom for.
struct Consent {
    uint256 deadline; // last second in which the signature counts [s since 1970]
    bytes signature; // EIP-712, by key or EIP-1271; empty when the owner calls
}

/// A message that no final commitment has consumed, and its place in the message chain.
struct UnreadMessage {
    uint64 index;
    bytes32 before; // the chain's head before the message
    bytes message; // `version ‖ kind ‖ sender ‖ body`
    bytes32[] later; // keccak256 of each message after it, up to the next mark or the chain's head
}

/// The fields of a commitment.
struct CommitmentFields {
    bytes32 stateRoot;
    bytes32 exitRoot;
    bytes32 packed;
}

/// Holds everybody's assets for the rollups of one hub, with an account per rollup and asset, and pays them out for proven exits.
///
/// @dev Trusts the hub to keep final commitments only, and the settlement chain. It trusts no rollup, program, token or receiver: what a
/// rollup proves can take out of that rollup's accounts only.
///
/// Safety: for every rollup and asset, escrow = deposited + moved in − paid − moved out; the bridge's balance is at least the sum of the accounts;
/// a leaf is paid at most once. Liveness: there is no owner, no pause and no allow-list here; an unspent leaf under a final commitment is
/// payable for ever, by anybody (flag keyOnly: by its key).
///
/// Order of an exit: lock, proof, unspent, limiter, account, mark, pay; the account is restored when a payment fails.
/// @dev Warning: wrap rebasing tokens. A token that takes more than it was asked for can't be paid. A token of several standards at once
/// is held to that of its first deposit here, by whomever.
interface ICanonicalBridge {
    // ------------------------------------------------------------------------------------------------------ deposits

    /// @notice Raised when a token or a receiver calls back while the bridge moves assets. Call when it is done.
    error BridgeLocked();

    // What comes in is told by the hub: `MessageEnqueued` carries sender, asset, id, amount and receiver.

    /// @notice Raised when nothing is deposited, or nothing of it arrived. Send more than 0.
    error NothingDeposited(address token);
    /// @notice Raised when the receiver is the zero address. Name who gets it.
    error RecipientZero();
    /// @notice Raised when a token's transfer to the bridge fails. Approve the bridge, or hold enough.
    error DepositRefused(address token, uint256 amount);
    /// @notice Raised when a token is deposited, or moved, as of another standard than it is held to: a mirror to its own, any other token
    /// to that of its first deposit. Use the function of `standard`: 1 `deposit`, 2 `depositNft`, 3 `depositMulti`.
    error TokenStandardDiffers(address token, uint8 standard, uint8 asked);
    /// @notice Raised when what arrived is an NFT and not an amount. Use `depositNft`.
    error TokenIsNft(address token, uint256 id);
    /// @notice Raised when an NFT isn't the bridge's after its transfer. Don't deposit it: its contract doesn't follow ERC-721.
    error NftNotReceived(address token, uint256 id);
    /// @notice Raised when ids and amounts differ in number. Give one amount per id.
    error IdsAmountsMismatch(uint256 ids, uint256 amounts);

    /// @notice Raised when somebody sends ERC-1155 tokens without depositing. Use `depositMulti`.
    error UnsolicitedTokens(address operator);

    /// Deposits `msg.value` coins for `to` on the rollup.
    /// @param data for the receiver's call on the rollup, if its program makes any
    /// @return messageIndex by which the rollup consumes it
    function depositNative(
        RollupId rollup,
        address to,
        bytes calldata data
    ) external payable returns (uint64 messageIndex);

    /// Deposits the caller's ERC-20 tokens: what arrives is credited. A mirror goes home: in the rollup where its asset was born, it is
    /// burned and the asset itself is credited.
    /// @param amount [units of the token]
    function deposit(
        RollupId rollup,
        address token,
        uint256 amount,
        address to,
        bytes calldata data
    ) external returns (uint64 messageIndex);

    /// As `deposit`, with the caller's EIP-2612 permit. If the permit fails (somebody else has used it), the allowance counts.
    function depositWithPermit(
        RollupId rollup,
        address token,
        uint256 amount,
        address to,
        bytes calldata data,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external returns (uint64 messageIndex);

    /// Deposits the caller's ERC-721 token; a mirror goes home as in `deposit`.
    function depositNft(
        RollupId rollup,
        address token,
        uint256 id,
        address to,
        bytes calldata data
    ) external returns (uint64 messageIndex);

    /// Deposits the caller's ERC-1155 tokens, one message per id; a mirror goes home as in `deposit`.
    /// @return firstMessageIndex that of `ids[0]`; the others follow
    function depositMulti(
        RollupId rollup,
        address token,
        uint256[] calldata ids,
        uint256[] calldata amounts,
        address to,
        bytes calldata data
    ) external returns (uint64 firstMessageIndex);

    // --------------------------------------------------------------------------------------------------------- exits

    /// @notice Emitted when an exit without an id (coins, fungible tokens, the NFT 0) is paid.
    event ExitPaid(
        RollupId indexed rollup,
        address indexed recipient,
        uint256 index,
        Asset asset,
        uint256 amount
    );
    /// @notice Emitted when an exit of an NFT or multi-token with an id is paid.
    event ItemExitPaid(
        RollupId indexed rollup,
        address indexed recipient,
        uint256 index,
        Asset asset,
        uint256 amount,
        uint256 id
    );
    /// @notice Emitted when a run of exits was paid; bit i of `paid` tells of the i-th after `first`.
    /// @dev Recipients and amounts aren't repeated, which would cost some 2,000 gas each: they stand in the leaves, so in the call data of the
    /// run and in what the rollup's program made of its batches; who bought a leaf, in `ExitSold`. So the accounts follow from this
    /// contract's events and the rollup's exits together, not from the events alone.
    event RunPaid(RollupId indexed rollup, uint256 indexed first, uint256 paid);
    /// @notice Emitted when the payment of an exit in a run failed; it stays claimable.
    event ExitFailed(RollupId indexed rollup, uint256 indexed index, address indexed recipient);

    /// @notice Raised when the commitment isn't one that the hub keeps in that slot. Take a newer proof.
    error CommitmentNotKept(RollupId rollup, uint256 slot, bytes32 commitment);
    /// @notice Raised when the exit leaf is of another version than 1, the only one this bridge knows. Check that the leaf's head is
    /// encoded as docs/encodings.md says; a program that writes other versions needs another bridge.
    error ExitVersionUnknown(uint256 version);
    /// @notice Raised when the exit has been paid, or moved to its target. Nothing to do: `ExitPaid`, `ItemExitPaid` or `Moved` says to
    /// whom it went.
    error ExitSpent(RollupId rollup, uint256 index);
    /// @notice Raised when the exit goes to a rollup. Use `move`; `exitTo` for its fallbackTo if that rollup refuses.
    error ExitGoesToRollup(RollupId target);
    /// @notice Raised when the exit goes to L1 and is to be moved. Use `exit`.
    error ExitGoesToL1();
    /// @notice Raised when the exit is paid on its owner's signature only. Use `exitTo` with the signature of `owner`.
    error ExitNeedsKey(address owner);
    /// @notice Raised when the rollup's account holds less than the exit takes, as its program let more out than came in [units]. Wait for
    /// deposits of this asset into the rollup and try again: no other rollup's assets can pay it.
    error EscrowShort(RollupId rollup, Asset asset, uint256 id, uint256 amount);
    /// @notice Raised when no asset has this kind (known: 0 … 3 of L1, 5 … 7 born on a rollup). Correct the kind in the leaf or the view's
    /// argument.
    error AssetKindUnknown(uint8 kind);
    /// @notice Raised when the receiver or the token refuses the payment. The exit stays claimable: `exitTo` sends it elsewhere.
    error ExitPaymentFailed(RollupId rollup, uint256 index, address recipient);
    /// @notice Raised when a token took more from the bridge than it was asked for, which would be at the cost of others [units]. Ask the
    /// token's issuer to stop its fee for the bridge: until then its exits can't be paid.
    error TokenTookMore(address token, uint256 taken, uint256 amount);
    /// @notice Raised when somebody else than the bridge asks it for a payment. Exit instead.
    error CallerNotItself(address caller);
    /// @notice Raised when a receiver or a token refuses a payment in a run, which catches it. Nothing to do: the exit stays claimable, and
    /// `exit` says by its own error why it fails.
    error PaymentRefused(Asset asset, address to);
    /// @notice Raised when the call data doesn't hash to what the exit commits to. Send the data of the transaction that exited, whole;
    /// empty if the leaf's dataHash is 0.
    error ExitDataMismatch(bytes32 computed, bytes32 committed);
    /// @notice Raised when the receiver's `onExit` reverts, or is missing. Repair the receiver and try again, or let its owner take the
    /// exit without the call by `exitTo`.
    error ExitCallFailed(RollupId rollup, uint256 index, address to);
    /// @notice Raised when a run is longer than 128 exits. Split it: runs of 128 start at multiples of 128.
    error RunTooLong(uint256 length, uint256 most);
    /// @notice Raised when the metadata given with a run is neither empty nor one per exit. Give as many entries as leaves, empty ones
    /// where none is needed, or none at all.
    error RunMetadataMismatch(uint256 metadata, uint256 leaves);
    /// @notice Raised when somebody else than the exit's owner sends it elsewhere, and brings no signature of his. Call from `owner`, or
    /// bring the bridge's typed data signed by him.
    error CallerNotExitOwner(address caller, address owner);
    /// @notice Raised when the signature isn't by `signer`. Sign the bridge's typed data for this exit.
    error ConsentInvalid(address signer);
    /// @notice Raised when the signature came after its deadline [s since 1970]. Have it signed anew with a later deadline.
    error ConsentExpired(uint256 time, uint256 deadline);
    /// @notice Raised when an exit to a rollup is claimed on L1 though that rollup takes deposits, and the exit carries no data. Call `move`.
    error TargetAccepts(RollupId target);

    /// Pays an exit to who it names (or to who bought it). Anyone may call, for anyone.
    /// @return isPaid false if the rollup's limiter queued the exit (`ExitQueued` says until when)
    function exit(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof
    ) external returns (bool isPaid);

    /// As `exit`, with what an exit of something born on the rollup, or one that asks for a call, needs.
    /// @param metadata for a mirror's first exit and for each NFT; else empty
    /// @param data for the receiver's `onExit`, if the leaf asks for a call; else empty
    function exitWith(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        bytes calldata data
    ) external returns (bool isPaid);

    /// Pays a run of exits that fills a subtree, under one proof. Anyone may call.
    /// @dev Skipped, and claimable afterwards: exits that were paid, or queue; that go to a rollup, ask for a call or need a key; whose
    /// payment fails, be it for want of metadata. Each payment gets at most 200,000 gas, that of something born on the rollup 1,000,000.
    /// @param leaves a power of two of them, from a multiple of it on; the tree's last run may be shorter. At most 128
    /// @param metadata empty, or one for each leaf (empty where none is needed)
    /// @return paid bit i: `leaves[i]` was paid
    function exitBatch(
        ExitLeaf[] calldata leaves,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes[] calldata metadata
    ) external returns (uint256 paid);

    /// Pays an exit to where its owner says, without the call it may ask for. The owner, directly or by signature.
    /// @dev Owner: who bought it, else `to`; of an exit to a rollup, `fallbackTo`, if that rollup refuses deposits, or if the exit may be stuck:
    /// flagged keyOnly, or with data, which nobody may know or no message may hold. Warning: what carries data is its receiver's only once
    /// it is moved. An exit flagged keyOnly takes a signature by the owner's key, never a contract's word: the contract at that address may be another person's. Or a call by the L1
    /// account whose alias the owner is.
    function exitTo(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        address recipient,
        Consent calldata consent
    ) external returns (bool isPaid);

    // --------------------------------------------------------------------------------------------------------- moves

    /// @notice Emitted when an exit is moved to another rollup's account.
    event Moved(
        RollupId indexed rollup,
        uint256 indexed index,
        RollupId indexed target,
        Asset asset, // as the target rollup knows it
        uint256 id,
        uint256 amount,
        uint64 messageIndex
    );

    /// @notice Raised when a mirror can't be minted for a move: the NFT exists already, so the source's program let it out twice. Move
    /// another NFT: this one stays unspent until its first copy has come home to the source.
    error MirrorMintFailed(address mirror, uint256 id);
    /// @notice Raised when an exit that goes to a rollup names an id of something fungible, or not one of an NFT: its target would be told of
    /// what isn't there. Mend the program: only one with a fault lets such an exit out.
    error ExitMisshapen(Asset asset, uint256 id, uint256 amount);

    /// Moves an exit to the rollup it goes to: escrow changes accounts and the deposit message is enqueued. Anyone may call.
    /// @dev Into the rollup where the asset was born, the mirror is burned (and deployed before, if it is the first exit). The message's sender is `moverOf(rollup, leaf.l2Sender)`.
    /// @param data that the leaf commits to, handed on to the target
    /// @return isMoved false if the limiter queued it
    function move(
        ExitLeaf calldata leaf,
        bytes32[] calldata siblings,
        ExitProof calldata proof,
        bytes calldata metadata,
        bytes calldata data
    ) external returns (bool isMoved, uint64 messageIndex);

    // --------------------------------------------------------------------------------------------------------- sales

    /// @notice Emitted when somebody has paid an exit's owner in advance and is its payee now.
    event ExitSold(
        RollupId indexed rollup,
        uint256 indexed index,
        bytes32 indexed leafHash,
        address payee,
        uint256 price
    );

    /// @notice Raised when the exit has a payee already. Buy another one: `payee` gets this exit.
    error ExitSoldAlready(RollupId rollup, uint256 index, address payee);
    /// @notice Raised when the exit can't be bought: only plain exits of coins and ERC-20 tokens to L1 can. Wait until it is final, and
    /// `exit` or `move` it.
    error ExitNotForSale(RollupId rollup, uint256 index);
    /// @notice Raised when the coins sent, or the tokens that arrived at the owner, aren't the price [units]. Send exactly the price; a
    /// token that takes a fee on transfers can't pay it.
    error PriceNotPaid(uint256 paid, uint256 price);

    /// Buys an exit before it is final: the owner is paid now, the caller later. Below the full amount, the owner's signature is needed.
    /// @dev Warning: the bridge can't know whether the exit will ever be final. That is the buyer's risk.
    /// @param price in the exit's asset
    function front(
        RollupId rollup,
        uint64 index,
        ExitLeaf calldata leaf,
        uint256 price,
        Consent calldata consent
    ) external payable;

    // -------------------------------------------------------------------------------------------------------- escape

    /// @notice Emitted when a holding of an escaped rollup is paid.
    event HoldingPaid(
        RollupId indexed rollup,
        address indexed owner,
        address indexed recipient,
        Asset asset,
        uint256 id,
        uint256 amount
    );
    /// @notice Emitted when a deposit that an escaped rollup never read is given back.
    event Refunded(
        RollupId indexed rollup,
        uint64 indexed messageIndex,
        address indexed recipient,
        Asset asset,
        uint256 id,
        uint256 amount
    );

    /// @notice Raised when the rollup hasn't escaped. Use ordinary exits.
    error RollupNotEscaped(RollupId rollup);
    /// @notice Raised when the rollup's program names no state reader, so that nothing can be proven under its state. Nothing can be
    /// escaped here: exits under final commitments and refunds of unread deposits stay open.
    error StateReaderMissing(RollupId rollup);
    /// @notice Raised when the fields don't hash to the rollup's last final commitment. Take state root, exit root and the packed word of
    /// the batch that the hub's `lastFinal` names.
    error FinalCommitmentMismatch(bytes32 computed, bytes32 lastFinal);
    /// @notice Raised when the holding was paid before. Nothing to do: `HoldingPaid` says to whom.
    error HoldingSpent(RollupId rollup, address owner, Asset asset, uint256 id);
    /// @notice Raised when the receiver or the token refuses what an escaped rollup owes. Its owner may name another recipient.
    error EscapePaymentFailed(RollupId rollup, address recipient);
    /// @notice Raised when the message was consumed, so that its deposit is in the state. Claim it by `escape`, as a holding of the account
    /// it went to.
    error MessageConsumed(uint256 index, uint256 messagesConsumed);
    /// @notice Raised when the message is no deposit. Name a deposit: transactions and calls have nothing to give back.
    error MessageNotDeposit();
    /// @notice Raised when the messages given don't lead to the mark (or the chain's head) after them. Give the hash of every later message
    /// up to the next mark, or to the head if there is none, from `MessageEnqueued`.
    error MessageChainMismatch(bytes32 computed, bytes32 expected);
    /// @notice Raised when the deposit was given back before. Nothing to do: `Refunded` says to whom.
    error RefundSpent(RollupId rollup, uint256 index);

    /// Pays what the last final state of an escaped rollup owes to an account. Anyone may call; its owner may say where to.
    /// @param proof for the program's state reader
    /// @param recipient the owner, or whom the owner names, calling or by signature
    function escape(
        RollupId rollup,
        CommitmentFields calldata fields,
        bytes calldata proof,
        bytes calldata metadata,
        address recipient,
        Consent calldata consent
    ) external;

    /// Gives back a deposit that an escaped rollup never read, to its fallbackTo (a depositor's own address). Anyone may call;
    /// fallbackTo itself may name another recipient.
    function refund(
        RollupId rollup,
        CommitmentFields calldata fields,
        UnreadMessage calldata unread,
        address recipient
    ) external;

    // -------------------------------------------------------------------------------------------------------- limits

    /// @notice Emitted when the outflow of an asset is limited; 0: not limited.
    event OutflowLimited(RollupId indexed rollup, Asset indexed asset, uint128 perDay);

    /// @notice Raised when somebody else than the rollup's owner sets a limit. Call from the hub's `ownerOf`; a rollup without an owner has
    /// no limits.
    error CallerNotRollupOwner(RollupId rollup, address caller);
    /// @notice Raised when a limit would be tightened while somebody's assets are held [units/day]. Raise or lift it; it can be set lower
    /// only while the rollup's account is empty.
    error LimitWouldTighten(RollupId rollup, Asset asset, uint128 perDay);
    /// @notice Raised when a limit is set for an asset that isn't fungible and of L1. Limit coins (kind 0) or ERC-20 tokens (kind 1).
    error LimitUnsupported(Asset asset);

    /// Limits the net outflow of an asset. The rollup's owner; tighter only while nothing of the asset is held.
    /// @dev It slows exits by at most a week, and ends with Draining.
    /// @param perDay [units/day]; 0 lifts the limit
    function limitOutflow(RollupId rollup, Asset asset, uint128 perDay) external;

    // --------------------------------------------------------------------------------------------------------- views

    /// Returns what a rollup holds of an asset (kinds 0, 1, 3), in units.
    function balanceOf(RollupId rollup, Asset asset, uint256 id) external view returns (uint256);

    /// Returns the rollup that holds an ERC-721 token here, or 0.
    function holderOf(address token, uint256 id) external view returns (RollupId);

    /// Returns the limit of an asset's outflow [units/day], 0 for none.
    function limitOf(RollupId rollup, Asset asset) external view returns (uint128 perDay);

    /// Returns when a queued exit may be paid [s since 1970], 0 if it isn't queued.
    function payableFrom(RollupId rollup, uint256 index) external view returns (uint64);

    /// Returns true if an exit was paid or moved.
    function isSpent(RollupId rollup, uint256 index) external view returns (bool);

    /// Returns who bought an exit, or 0.
    function payeeOf(RollupId rollup, uint256 index, bytes32 leafHash) external view returns (address);

    /// Returns true if a holding of an escaped rollup was paid.
    function isHoldingSpent(
        RollupId rollup,
        address owner,
        Asset asset,
        uint256 id
    ) external view returns (bool);

    /// Returns true if an unread deposit was given back.
    function isRefunded(RollupId rollup, uint64 messageIndex) external view returns (bool);

    /// Returns the mirror of something born on a rollup (kinds 5 … 7): its address, deployed or not.
    function mirrorOf(RollupId rollup, Asset asset) external view returns (address);

    /// Returns where the asset behind a mirror was born; rollup 0 if the address is no mirror.
    function originOf(address mirror) external view returns (RollupId rollup, Asset asset);

    /// Returns the sender that a move's message carries: no L1 account's address, one per (rollup, sender there).
    function moverOf(RollupId rollup, address l2Sender) external pure returns (address);
}
