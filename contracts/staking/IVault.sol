// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Day} from "./Day.sol";
import {ILineBacking} from "./ILineBacking.sol";

/// What happens to the half of a slash that isn't burned.
enum Redistribution {
    /// It is burned too.
    Burn,
    /// It goes to one recipient, fixed when the service was added.
    Fixed,
    /// The service names the recipient at each slash. For contracts that fix it themselves beforehand, as the hub's records do.
    Named
}

/// @title The vault: ALT staked on operators, allocated by them to services, slashed by those.
/// @notice A delegator deposits on one operator, gets shares of that operator's pool, and leaves by a ticket that matures after the
/// unbonding delay. Until then it can be slashed like active stake, in the same proportion.
/// @dev Amounts are [ALT wei], times [s], magnitudes parts of 10^27. Rounding always favours the pool.
/// Safety assumes of ALT: a plain ERC-20 without hooks, fees or rebasing. Safety assumes of a service an operator has allocated to:
/// at most its allocation can be lost to it. Liveness (unbond, claim) assumes nothing of anybody.
/// @dev Warning: shares aren't tokens; a deposit on an operator shares all his later slashes, whoever caused them.
interface IVault is ILineBacking {
    /// Emitted when an operator has registered.
    event OperatorRegistered(address indexed operator);
    /// Emitted when `key` has begun to act for `operator`.
    event KeyAdded(address indexed operator, address indexed key);
    /// Emitted when `key` can no longer open or refresh lines.
    event KeyRevoked(address indexed operator, address indexed key);
    /// Emitted when governance has added a service.
    event ServiceAdded(address indexed service, Redistribution redistribution, address recipient);
    /// Emitted when stake was added. `amount` [ALT wei].
    event Deposited(address indexed operator, address indexed owner, uint256 amount, uint256 shares);
    /// Emitted when shares became a ticket. `amount` is its value now [ALT wei], `q` the scaled ticket.
    event Unbonded(
        address indexed operator,
        address indexed owner,
        Day indexed maturity,
        uint256 shares,
        uint256 amount,
        uint256 q
    );
    /// Emitted when a matured ticket was paid. `amount` [ALT wei].
    event Claimed(address indexed operator, address indexed owner, Day indexed maturity, uint256 amount);
    /// Emitted when a service's allocation has changed at once, or a pending deallocation was withdrawn or ended.
    event Allocated(address indexed operator, address indexed service, uint256 magnitude);
    /// Emitted when a deallocation was announced; from now on only `magnitude` backs lines, from `effectiveAt` on only that is slashable.
    event DeallocationStarted(
        address indexed operator,
        address indexed service,
        uint256 magnitude,
        uint256 effectiveAt
    );
    /// Emitted when a service has reserved stake. `amount` [ALT wei].
    event Reserved(address indexed operator, address indexed service, uint256 amount);
    /// Emitted when a service has given up a reservation. `amount` as asked for [ALT wei]: never more than was reserved has ended.
    event Released(address indexed operator, address indexed service, uint256 amount);
    /// Emitted when a slash ran. `asked` and `paid` [ALT wei]; `magnitude` is what the pool and the allocation lost of theirs;
    /// `redistributed` of `paid` went to `recipient`, the rest was burned. Reservations fell by `asked`, at most to zero.
    event Slashed(
        address indexed operator,
        address indexed service,
        address recipient,
        uint256 asked,
        uint256 paid,
        uint256 magnitude,
        uint256 redistributed
    );
    /// Emitted when a service has jailed an operator.
    event Jailed(address indexed operator, address indexed service);
    /// Emitted when a service has freed an operator from its jail.
    event Unjailed(address indexed operator, address indexed service);
    /// Emitted when rewards of an empty or dead pool fell to the treasury. `amount` [ALT wei].
    event RewardForfeited(uint256 amount);
    /// Emitted when the treasury was paid what fell to it. `amount` [ALT wei].
    event TreasuryPaid(uint256 amount);

    /// Raised when an address parameter is zero. Give a real address.
    error AddressIsZero();
    /// Raised when the unbonding delay lies outside its limits [s]. Choose one within.
    error UnbondingDelayInvalid(uint256 delay, uint256 least, uint256 most);
    /// Raised when an operator registers twice. Nothing to do: he is registered.
    error OperatorIsKnown(address operator);
    /// Raised when nobody has registered under this address. Check the address or register first.
    error OperatorIsUnknown(address operator);
    /// Raised when a hot key already acts, or has acted, for an operator. Use a fresh key.
    error KeyIsTaken(address key, address operator);
    /// Raised when a hot key hasn't agreed to act for this operator. Sign `KeyConsent(operator, key)` with the key.
    error KeyConsentInvalid(address operator, address key);
    /// Raised when no operator has this key. Check the key or add it.
    error KeyIsUnknown(address key);
    /// Raised when a key of another operator, or of none, is revoked. Call from the key's operator.
    error KeyIsForeign(address key, address operator);
    /// Raised when a revoked key opens or refreshes a line, or is revoked again. Use another key.
    error KeyIsRevoked(address key);
    /// Raised when a service is added twice. Nothing to do: services never change.
    error ServiceIsKnown(address service);
    /// Raised when governance hasn't added this service. Allocate to a service of the catalogue.
    error ServiceIsUnknown(address service);
    /// Raised when the recipient and the kind of redistribution disagree: `Fixed` has a recipient, the others have none. Name a recipient
    /// with `Fixed`, the zero address otherwise.
    error RecipientInvalid(Redistribution redistribution, address recipient);
    /// Raised when slashes have left too little of a pool. Deposit on another operator; exits work.
    error PoolIsDead(uint256 magnitude, uint256 least);
    /// Raised when a ticket hasn't matured [s]. Claim at `maturity` or later.
    error TicketImmature(uint256 time, uint256 maturity);
    /// Raised when there is no ticket of this owner and day, or it was claimed before. See the `Unbonded` events.
    error TicketUnknown(address operator, address owner, Day maturity);
    /// Raised when allocations would exceed the magnitude. Lower another allocation first.
    error AllocationTooHigh(uint256 asked, uint256 most);
    /// Raised when less would back the service than it has reserved [ALT wei]. Close lines first.
    error AllocationIsReserved(uint256 backing, uint256 reserved);
    /// Raised when active, allocated stake doesn't cover the reservations [ALT wei]. Add stake or allocation.
    error BackingTooLow(uint256 backing, uint256 reserved);
    /// Raised when the operator's own active stake is below its part of the pool [ALT wei]. The operator must add stake.
    error SelfBondTooLow(uint256 own, uint256 least);
    /// Raised when the calling service has jailed the operator. Ask the service.
    error OperatorIsJailed(address operator, address service);
    /// Raised when more than 255 services would hold reservations of one operator. Release lines of another.
    error TooManyReservingServices(uint256 most);

    // ------------------------------------------------------------------ operators

    /// @notice Registers the caller as an operator with a first hot key.
    /// @param key Address that will act for him at services; may be the caller's own.
    /// @param consent EIP-712 signature of `KeyConsent(address operator,address key)` by the key (or ERC-1271); empty if key = caller.
    function registerOperator(address key, bytes calldata consent) external;

    /// @notice Adds a hot key of the calling operator.
    function addKey(address key, bytes calldata consent) external;

    /// @notice Stops a hot key of the calling operator: no new or refreshed lines. What it has reserved stays slashable.
    /// @dev A key never changes its operator, so that a fault found later still finds the stake.
    function revokeKey(address key) external;

    /// @notice Sets what of the calling operator's magnitude `service` may slash.
    /// @dev An increase takes effect at once. A decrease counts for lines at once, for slashes after the unbonding delay; asking again
    /// before that starts the delay anew. Requires that what stays backs what the service has reserved.
    /// @param magnitude The new allocation, absolute [parts of 10^27].
    function allocate(address service, uint256 magnitude) external;

    // ------------------------------------------------------------------ stakers

    /// @notice Stakes `amount` [ALT wei] on `operator`; needs an allowance.
    /// @dev Others may deposit as long as the operator's own stake stays at least 5 % of the pool.
    /// @return shares What the caller got of the pool.
    function deposit(address operator, uint256 amount) external returns (uint256 shares);

    /// @notice Turns shares into a ticket that matures after the unbonding delay, at the next start of a day.
    /// @dev The operator himself must keep 5 % of the pool while anything is reserved, unless the pool is dead.
    /// @return maturity Day to claim at.
    function unbond(address operator, uint256 shares) external returns (Day maturity);

    /// @notice Pays a matured ticket to its owner; anyone may call.
    /// @return amount What was paid [ALT wei].
    function claim(address operator, address owner, Day maturity) external returns (uint256 amount);

    /// @notice Brings the rewards of a pool up to now; anyone may call.
    function roll(address operator) external;

    // ------------------------------------------------------------------ services and governance

    /// @notice Marks the operator of `key` unfit for new lines of the calling service.
    function jail(address key) external;

    /// @notice Takes the mark of the calling service off.
    function unjail(address key) external;

    /// @notice Adds a service to the catalogue, for ever; governance only.
    function addService(address service, Redistribution redistribution, address recipient) external;

    /// @notice Pays the treasury what fell to it; anyone may call.
    function collectTreasury() external returns (uint256 amount);

    // ------------------------------------------------------------------ reads

    /// Returns the unbonding delay [s].
    function unbondingDelay() external view returns (uint256);
    /// Returns who gets rewards that no staker can get.
    function treasury() external view returns (address);
    /// Returns what fell to the treasury and wasn't collected yet [ALT wei].
    function treasuryDue() external view returns (uint256);
    /// Returns the operator of a hot key (zero: none) and whether it was revoked.
    function keyOf(address key) external view returns (address operator, bool isRevoked);
    /// Returns what is known of a service.
    function serviceOf(
        address service
    ) external view returns (bool isListed, Redistribution redistribution, address recipient);
    /// Returns a pool as of its last roll.
    /// @return active Active stake [ALT wei].
    /// @return shares Shares in it.
    /// @return unbonding What leaves and can still be slashed [ALT wei].
    /// @return magnitude What slashes have left of 10^27.
    /// @return allocated Sum of the allocations.
    function poolOf(
        address operator
    )
        external
        view
        returns (uint256 active, uint256 shares, uint256 unbonding, uint256 magnitude, uint256 allocated);
    /// Returns the shares of an owner in an operator's pool, and their value now [ALT wei].
    function stakeOf(address operator, address owner) external view returns (uint256 shares, uint256 amount);
    /// Returns a ticket: scaled, and its value now [ALT wei].
    function ticketOf(
        address operator,
        address owner,
        Day maturity
    ) external view returns (uint256 q, uint256 amount);
    /// Returns an operator's allocation to a service.
    /// @return slashable Magnitude that the service may slash now.
    /// @return backing Magnitude that counts behind lines.
    /// @return reserved Sum of the service's lines [ALT wei].
    /// @return effectiveAt When a pending deallocation takes effect [s]; zero for none.
    /// @return isJailed Whether the service has jailed the operator.
    function allocationOf(
        address operator,
        address service
    )
        external
        view
        returns (uint256 slashable, uint256 backing, uint256 reserved, uint256 effectiveAt, bool isJailed);
    /// Returns the stake that backs lines of `service` now [ALT wei], as of the last roll; zero for a dead pool.
    function backingOf(address operator, address service) external view returns (uint256);
    /// Returns the magnitude of a pool as it was at `time`.
    function magnitudeAt(address operator, uint256 time) external view returns (uint256);
    /// Returns the EIP-712 hash that a key signs to act for an operator.
    function keyConsentHash(address operator, address key) external view returns (bytes32);
}
