// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Allocation, Allocations} from "./Allocation.sol";
import {Day, ceilDay, dayOf} from "./Day.sol";
import {History} from "./History.sol";
import {Queue} from "./Queue.sol";
import {Stream, Streams} from "./Stream.sol";

/// The stake behind one operator.
/// slot 0: active96 shares152 isStreaming8
/// slot 1: magnitude96 allocated96 slashes24 queueLength16 queueDay16 reserving8
/// slots 2, 3: stream
struct Pool {
    /// A: active stake [ALT wei].
    uint96 active;
    /// S: shares in it.
    uint152 shares;
    bool isStreaming;
    /// M: what slashes have left of W. Scales both classes, active and unbonding. Zero: unknown, or slashed to nothing.
    uint96 magnitude;
    /// Σ of the allocations, ≤ M.
    uint96 allocated;
    /// Number of entries in `history`.
    uint24 slashes;
    /// Number of entries in `queue`.
    uint16 queueLength;
    /// Last day in `queue`.
    Day queueDay;
    /// Number of services with something reserved.
    uint8 reserving;
    Stream stream;
    /// H: M over time; W before the first entry.
    History.Log history;
    /// Q: tickets that leave, by maturity.
    Queue.Line queue;
    mapping(address owner => uint256 shares) sharesOf;
    mapping(address owner => mapping(Day maturity => uint256 q)) tickets;
    mapping(address service => Allocation) allocations;
}

/// @title One operator's pool: stake, shares, tickets and slashes in constant time.
/// @notice A slash costs the same for one delegator or a million: it scales the pool (active stake) and the magnitude (tickets).
/// @dev Moves no tokens. Every function that changes stake expects `roll` before it. Every rounding favours the pool.
/// Invariants held here: A + Σ ticket values ≤ what was deposited − claimed − slashed; Σ shares of owners = S; Σ allocations ≤ M;
/// M never rises; a matured ticket never changes, an unmatured one never rises.
library Pools {
    using Streams for Stream;
    using History for History.Log;
    using Queue for Queue.Line;
    using Allocations for Allocation;

    /// W: the magnitude of a pool that was never slashed.
    uint256 internal constant WHOLE = 1e27;
    /// A pool with less magnitude is dead: no deposits, no lines; exits work.
    uint256 internal constant DEAD_BELOW = 1e21;
    /// Shares that nobody owns, against 1 wei that nobody has: the first depositor can't inflate the price of a share.
    uint256 internal constant VIRTUAL_SHARES = 1e6;

    /// Raised when an amount is too small to be worth a share, or no shares are given [ALT wei]. Deposit more, or name at least 1 share.
    error SharesAreZero();
    /// Raised when an owner unbonds more shares than he has. Unbond at most `shares`.
    error SharesTooFew(uint256 shares, uint256 asked);

    /// Brings rewards to `time`.
    /// @return forfeited What no staker can get, since the pool is empty or dead [ALT wei].
    function roll(Pool storage self, uint256 time) internal returns (uint256 forfeited) {
        if (!self.isStreaming) return 0;
        (uint256 released, bool flowing) = self.stream.roll(time);
        if (!flowing) self.isStreaming = false;
        if (self.shares == 0 || isDead(self)) return released;
        self.active = SafeCast.toUint96(self.active + released);
    }

    /// Adds `amount` [ALT wei] for `owner`.
    function deposit(Pool storage self, address owner, uint256 amount) internal returns (uint256 shares) {
        uint256 active = self.active;
        uint256 total = self.shares;
        shares = (amount * (total + VIRTUAL_SHARES)) / (active + 1); // Down
        require(shares != 0, SharesAreZero());
        self.active = SafeCast.toUint96(active + amount);
        self.shares = SafeCast.toUint152(total + shares);
        self.sharesOf[owner] += shares;
    }

    /// Turns `shares` of `owner` into a ticket.
    /// @param delay The unbonding delay [s].
    /// @return amount What leaves the active stake [ALT wei].
    /// @return q The scaled ticket.
    /// @return maturity The day from whose first second on it can be claimed.
    function unbond(
        Pool storage self,
        address owner,
        uint256 shares,
        uint256 time,
        uint256 delay
    ) internal returns (uint256 amount, uint256 q, Day maturity) {
        require(shares != 0, SharesAreZero());
        uint256 owned = self.sharesOf[owner];
        require(shares <= owned, SharesTooFew(owned, shares));
        uint256 active = self.active;
        uint256 total = self.shares;
        amount = (shares * (active + 1)) / (total + VIRTUAL_SHARES); // Down; ≤ active, since shares ≤ total
        self.sharesOf[owner] = owned - shares;
        self.active = uint96(active - amount); // both fit: they fall
        self.shares = uint152(total - shares);

        uint256 magnitude = self.magnitude;
        q = magnitude == 0 ? 0 : (amount * WHOLE) / magnitude; // Down
        uint256 length = self.queueLength;
        Day last = self.queueDay;
        maturity = ceilDay(time + delay);
        if (length != 0 && last > maturity) maturity = last;
        if (q == 0) return (amount, 0, maturity);
        // At most one entry a day, so the length fits 16 bits as days do.
        self.queueLength = uint16(self.queue.push(length, last, maturity, q));
        self.queueDay = maturity;
        self.tickets[owner][maturity] += q;
    }

    /// Takes the matured ticket of `owner` out.
    /// @return amount Its value [ALT wei].
    function claim(Pool storage self, address owner, Day maturity) internal returns (uint256 amount) {
        amount = ticketValue(self, self.tickets[owner][maturity], maturity, maturity.start());
        delete self.tickets[owner][maturity];
    }

    /// Takes `amount` [ALT wei], or as much as the allocation allows, from active and unbonding stake alike.
    /// @return paid What was taken [ALT wei].
    /// @return taken What the magnitude fell by.
    function slash(
        Pool storage self,
        Allocation storage allocation,
        uint256 amount,
        uint256 time
    ) internal returns (uint256 paid, uint256 taken) {
        uint256 magnitude = self.magnitude;
        uint256 share = allocation.slashable(time);
        if (magnitude == 0 || share == 0) return (0, 0);
        uint256 active = self.active;
        uint256 scaled = immatureTickets(self, time);
        uint256 leaving = (scaled * magnitude) / WHOLE; // Down
        uint256 total = active + leaving;
        if (total == 0) return (0, 0);
        amount = Math.min(amount, (total * share) / magnitude); // Down
        if (amount == 0) return (0, 0);
        taken = Math.min(Math.ceilDiv(amount * magnitude, total), share);

        uint256 left = magnitude - taken;
        uint256 activeLeft = (active * left) / magnitude; // Down
        uint256 leavingLeft = Math.ceilDiv(scaled * left, WHOLE); // Up: what tickets are worth is never paid out
        paid = (active - activeLeft) + Math.saturatingSub(leaving, leavingLeft);

        // Casts fit: each value is at most what it replaces.
        uint256 freed = allocation.settle(time);
        self.active = uint96(activeLeft);
        self.magnitude = uint96(left);
        self.allocated = uint96(self.allocated - freed - taken);
        allocation.magnitude = uint96(share - taken);
        self.slashes = SafeCast.toUint24(self.history.push(self.slashes, time, left));
    }

    /// Returns whether the operator has registered.
    function isKnown(Pool storage self) internal view returns (bool) {
        return self.magnitude != 0 || self.slashes != 0;
    }

    /// Returns whether slashes have left too little for the arithmetic to go on.
    function isDead(Pool storage self) internal view returns (bool) {
        return self.magnitude < DEAD_BELOW;
    }

    /// Returns what `shares` are worth now [ALT wei], Down.
    function shareValue(Pool storage self, uint256 shares) internal view returns (uint256) {
        return (shares * (uint256(self.active) + 1)) / (uint256(self.shares) + VIRTUAL_SHARES);
    }

    /// Returns the sum of scaled tickets that have not matured at `time`.
    function immatureTickets(Pool storage self, uint256 time) internal view returns (uint256) {
        Day last = self.queueDay;
        Day today = dayOf(time);
        return last > today ? self.queue.immature(self.queueLength, last, today) : 0;
    }

    /// U: returns the stake that is leaving but can still be slashed at `time` [ALT wei], Down.
    function unbonding(Pool storage self, uint256 time) internal view returns (uint256) {
        return (immatureTickets(self, time) * self.magnitude) / WHOLE;
    }

    /// Returns the magnitude as it was at `time`.
    function magnitudeAt(Pool storage self, uint256 time) internal view returns (uint256) {
        return self.history.at(self.slashes, time, WHOLE);
    }

    /// Returns what a ticket is worth at `time` [ALT wei], Down. Slashes count up to the second before maturity.
    function ticketValue(
        Pool storage self,
        uint256 q,
        Day maturity,
        uint256 time
    ) internal view returns (uint256) {
        return (q * magnitudeAt(self, Math.min(time, maturity.start() - 1))) / WHOLE;
    }

    /// Returns the active stake behind `magnitude` [ALT wei], Down.
    function backingOf(Pool storage self, uint256 magnitude) internal view returns (uint256) {
        uint256 whole = self.magnitude;
        return whole == 0 ? 0 : (self.active * magnitude) / whole;
    }
}
