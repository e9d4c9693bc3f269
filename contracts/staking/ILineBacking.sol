// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// @title What a service that takes lines (a rollup hub) asks of the vault.
/// @notice A service reserves parts of the stake an operator has allocated to it, gives them back, or slashes them.
/// @dev The caller is the service: every function acts on the pair (operator of `key`, caller) only, so an address that nobody
/// has allocated to can neither reserve nor slash anything.
/// Safety: an amount reserved or confirmed at time t stays slashable in full until t + the returned unbonding delay, also when
/// every delegator unbonds and every allocation is withdrawn right after t.
/// Liveness: `release` needs a known key and `slash` needs nothing; neither depends on stake, jail, self bond or time.
interface ILineBacking {
    /// @notice Reserves `amount` [ALT wei] of the operator's active stake for the calling service.
    /// @dev Raised when: KeyIsUnknown, KeyIsRevoked, PoolIsDead, OperatorIsJailed, BackingTooLow, SelfBondTooLow,
    /// TooManyReservingServices.
    /// @param key Hot key of the operator.
    /// @param amount What the line adds [ALT wei].
    /// @return unbondingDelay How long active stake stays slashable from now [s].
    function reserve(address key, uint256 amount) external returns (uint256 unbondingDelay);

    /// @notice Checks that everything reserved for the calling service is backed by active stake now.
    /// @dev The same checks as `reserve` with nothing added.
    /// @return unbondingDelay How long active stake stays slashable from now [s].
    function confirm(address key) external returns (uint256 unbondingDelay);

    /// @notice Gives `amount` [ALT wei] back.
    /// @dev Takes no more than what is reserved. Raised when the key is unknown: KeyIsUnknown; nothing else reverts.
    function release(address key, uint256 amount) external;

    /// @notice Takes `amount` [ALT wei] from the operator's pool, or what can be taken, and ends as much of the reservation.
    /// @dev Half of what was taken (rounded down) goes to the beneficiary, the rest is burned. Never reverts for economic
    /// reasons: an unknown key, nothing allocated, nothing staked, a dead pool: 0. What is taken differs from `amount` by
    /// rounding only if the allocation suffices: at most 2 wei less, at most (stake / magnitude) + 2 wei more.
    /// @param beneficiary Heeded only if governance lets this service name one (see `IVault.addService`); zero burns it all.
    /// @return paid What was taken [ALT wei], burned half included.
    function slash(address key, uint256 amount, address beneficiary) external returns (uint256 paid);
}
