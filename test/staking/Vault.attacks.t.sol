// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {AltToken} from "../../contracts/staking/AltToken.sol";
import {Day} from "../../contracts/staking/Day.sol";
import {IAltToken} from "../../contracts/staking/IAltToken.sol";
import {IVault, Redistribution} from "../../contracts/staking/IVault.sol";
import {FedVault} from "../../contracts/mocks/staking/FedVault.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// Attacks of the design, over random pools. Numbers: docs/invariants.md, "Staking".
contract VaultAttacks is Cheats {
    uint256 private constant WHOLE = 1e27;
    uint256 private constant DELAY = 21 days;
    uint256 private constant START = 20_000 days + 1 hours;
    address private constant OPERATOR = address(0x0be);
    address private constant ALICE = address(0xa11ce);
    address private constant EVE = address(0xe7e);
    address private constant HUB = address(0x51);
    address private constant OTHER = address(0x52);

    AltToken private alt;
    FedVault private vault;

    function setUp() external {
        vm.warp(START);
        alt = new AltToken(address(this));
        vault = _fresh();
    }

    function _fresh() private returns (FedVault fresh) {
        fresh = new FedVault(IAltToken(address(alt)), address(this), address(0x7ea), DELAY);
        alt.approve(address(fresh), type(uint256).max);
        address[3] memory stakers = [OPERATOR, ALICE, EVE];
        for (uint256 i = 0; i < 3; i++) {
            alt.transfer(stakers[i], 1e27);
            vm.prank(stakers[i]);
            alt.approve(address(fresh), type(uint256).max);
        }
        fresh.addService(HUB, Redistribution.Burn, address(0));
        fresh.addService(OTHER, Redistribution.Burn, address(0));
        vm.prank(OPERATOR);
        fresh.registerOperator(OPERATOR, "");
    }

    function _deposit(FedVault v, address staker, uint256 amount) private returns (uint256 shares) {
        vm.prank(staker);
        return v.deposit(OPERATOR, amount);
    }

    function _allocate(FedVault v, address service, uint256 magnitude) private {
        vm.prank(OPERATOR);
        v.allocate(service, magnitude);
    }

    function _slash(FedVault v, address service, uint256 amount) private returns (uint256) {
        vm.prank(service);
        return v.slash(OPERATOR, amount, address(0));
    }

    /// A pool with a past: stake, a slash, rewards on their way, somebody leaving.
    function _past(uint256 own, uint256 slashed, uint256 fed, uint256 left) private {
        _deposit(vault, OPERATOR, own);
        _allocate(vault, HUB, WHOLE);
        _slash(vault, HUB, bound(slashed, 0, (own * 999) / 1_000));
        vault.feed(OPERATOR, bound(fed, 0, 1e24));
        (uint256 shares, ) = vault.stakeOf(OPERATOR, OPERATOR);
        vm.prank(OPERATOR);
        vault.unbond(OPERATOR, bound(left, 1, shares / 2));
    }

    /// 8: deposit then exit never profits, whatever the pool went through.
    function testFuzz_Staking8_DepositThenExitNeverProfits(
        uint256 own,
        uint256 slashed,
        uint256 fed,
        uint256 left,
        uint256 amount,
        uint32 waited
    ) external {
        own = bound(own, 1e3, 1e25);
        _past(own, slashed, fed, left);
        vm.warp(START + (waited % 30 days));
        vault.roll(OPERATOR);
        (, uint256 stays) = vault.stakeOf(OPERATOR, OPERATOR);
        amount = bound(amount, 1, stays + 1);
        vm.prank(EVE);
        // A refusal (too little for a share, or for the operator's part) takes nothing.
        try vault.deposit(OPERATOR, amount) returns (uint256 shares) {
            vm.prank(EVE);
            Day maturity = vault.unbond(OPERATOR, shares);
            vm.warp(maturity.start());
            (, uint256 value) = vault.ticketOf(OPERATOR, EVE, maturity);
            assertLe(value, amount, "8: no profit");
        } catch {
            assertEq(alt.balanceOf(EVE), 1e27, "8: a refusal takes nothing");
        }
    }

    /// [just-in-time deposit]: who comes just before rewards are paid and leaves right after gets none of them.
    function testFuzz_JustInTimeDepositEarnsNothing(
        uint256 own,
        uint256 fed,
        uint256 amount,
        uint32 at
    ) external {
        _deposit(vault, OPERATOR, bound(own, 1e18, 1e24));
        vault.feed(OPERATOR, bound(fed, 0, 1e24));
        vm.warp(START + (at % 15 days));
        amount = bound(amount, 1, 19 * bound(own, 1e18, 1e24));
        uint256 shares = _deposit(vault, EVE, amount);
        vault.feed(OPERATOR, bound(fed, 0, 1e24)); // paid by somebody in the same second
        vault.roll(OPERATOR);
        vm.prank(EVE);
        Day maturity = vault.unbond(OPERATOR, shares);
        (, uint256 value) = vault.ticketOf(OPERATOR, EVE, maturity);
        assertLe(value, amount, "nothing earned");
    }

    /// [first depositor inflates the share]: donations do nothing, and who raises the price by the one way there is, a reward, takes
    /// at most a part of 10^6 of it from whoever comes next.
    function testFuzz_FirstDepositorCannotInflate(
        uint256 first,
        uint256 leaves,
        uint256 given,
        uint256 amount
    ) external {
        uint256 shares = _deposit(vault, OPERATOR, bound(first, 1, 1e6));
        vm.prank(OPERATOR);
        vault.unbond(OPERATOR, bound(leaves, 1, shares - 1));
        given = bound(given, 1e18, 1e24);
        alt.transfer(address(vault), given);
        vault.feed(OPERATOR, given);
        vm.warp(START + 14 days);
        vault.roll(OPERATOR);
        (, uint256 own) = vault.stakeOf(OPERATOR, OPERATOR);
        amount = bound(amount, 1, own + 1);
        vm.prank(ALICE);
        try vault.deposit(OPERATOR, amount) {
            (, uint256 value) = vault.stakeOf(OPERATOR, ALICE);
            assertLe(amount, value + given / 1e6 + 2, "the victim keeps his money");
        } catch {
            assertEq(alt.balanceOf(ALICE), 1e27, "a refusal takes nothing");
        }
    }

    /// 10: the order of slashes is irrelevant beyond rounding.
    function testFuzz_Staking10_SlashOrderIsIrrelevant(
        uint256 own,
        uint256 left,
        uint256 share,
        uint256 one,
        uint256 two
    ) external {
        FedVault other = _fresh();
        own = bound(own, 1e6, 1e27);
        share = bound(share, 1e24, WHOLE - 1e24);
        for (uint256 i = 0; i < 2; i++) {
            FedVault v = i == 0 ? vault : other;
            uint256 shares = _deposit(v, OPERATOR, own);
            vm.prank(OPERATOR);
            v.unbond(OPERATOR, bound(left, 1, shares));
            _allocate(v, HUB, share);
            _allocate(v, OTHER, WHOLE - share);
        }
        one = bound(one, 0, own / 2);
        two = bound(two, 0, own / 2);
        uint256 paid = _slash(vault, HUB, one) + _slash(vault, OTHER, two);
        uint256 paidOther = _slash(other, OTHER, two) + _slash(other, HUB, one);
        (uint256 active, , uint256 unbonding, uint256 magnitude, ) = vault.poolOf(OPERATOR);
        (uint256 activeOther, , uint256 unbondingOther, uint256 magnitudeOther, ) = other.poolOf(OPERATOR);
        uint256 dust = own / 1e21 + 1e3; // parts of 10^27 at the lowest magnitude, and roundings
        _assertClose(paid, paidOther, dust, "10: paid");
        _assertClose(active, activeOther, dust, "10: active");
        _assertClose(unbonding, unbondingOther, dust, "10: unbonding");
        _assertClose(magnitude, magnitudeOther, WHOLE / 1e5, "10: magnitude");
    }

    function _assertClose(uint256 a, uint256 b, uint256 tolerance, string memory what) private pure {
        assertLe(a > b ? a - b : b - a, tolerance, what);
    }

    /// 7 and 16: after a refresh, everybody leaves and everything that can be is withdrawn; until the last second of the delay all
    /// lines, wrong at once, are paid in full.
    function testFuzz_Staking7_16_EveryLineIsPaidInFull(
        uint256 own,
        uint256 delegated,
        uint256 share,
        uint256[6] calldata sizes,
        uint256 order,
        uint256 leaves,
        uint32 waited
    ) external {
        own = bound(own, 1e6, 5e25);
        _deposit(vault, OPERATOR, own);
        _deposit(vault, ALICE, bound(delegated, 1, 19 * own));
        share = bound(share, 1e21, WHOLE - 1e21);
        _allocate(vault, HUB, share);
        _allocate(vault, OTHER, WHOLE - share);
        uint256[6] memory lines;
        for (uint256 i = 0; i < 6; i++) {
            address service = i % 2 == 0 ? HUB : OTHER;
            (, , uint256 reserved, , ) = vault.allocationOf(OPERATOR, service);
            lines[i] = bound(sizes[i], 0, vault.backingOf(OPERATOR, service) - reserved);
            vm.prank(service);
            vault.reserve(OPERATOR, lines[i]);
        }
        // Everybody leaves who may.
        (uint256 shares, ) = vault.stakeOf(OPERATOR, ALICE);
        vm.prank(ALICE);
        vault.unbond(OPERATOR, shares);
        (shares, ) = vault.stakeOf(OPERATOR, OPERATOR);
        vm.prank(OPERATOR);
        try vault.unbond(OPERATOR, bound(leaves, 1, shares)) {} catch {}
        _withdrawAllocation(HUB);
        _withdrawAllocation(OTHER);
        vm.warp(START + bound(waited, 0, DELAY - 1));
        (uint256 active, , uint256 unbonding, uint256 magnitude, ) = vault.poolOf(OPERATOR);
        uint256 dust = 6 * ((active + unbonding) / magnitude + 3);
        for (uint256 i = 0; i < 6; i++) {
            uint256 line = (i + (order % 6)) % 6;
            uint256 paid = _slash(vault, line % 2 == 0 ? HUB : OTHER, lines[line]);
            (active, , unbonding, magnitude, ) = vault.poolOf(OPERATOR);
            if (magnitude != 0) dust += 6 * ((active + unbonding) / magnitude);
            assertLe(lines[line], paid + dust, "16: paid in full");
        }
    }

    /// [services without number]: a count of those that hold something is kept, so that an operator's way out costs the same however many do.
    function test_AtMost255ServicesReserve() external {
        _deposit(vault, OPERATOR, 1e24);
        for (uint256 i = 0; i < 256; i++) {
            address service = address(uint160(0x10000 + i));
            vault.addService(service, Redistribution.Burn, address(0));
            _allocate(vault, service, WHOLE / 256);
            if (i == 255)
                vm.expectRevert(abi.encodeWithSelector(IVault.TooManyReservingServices.selector, 255));
            vm.prank(service);
            vault.reserve(OPERATOR, 1);
        }
        // One gives back what it holds: there is room for another.
        vm.prank(address(0x10000));
        vault.release(OPERATOR, 1);
        vm.prank(address(uint160(0x10000 + 255)));
        vault.reserve(OPERATOR, 1);
    }

    /// Lowers an allocation as far as it goes, by halves.
    function _withdrawAllocation(address service) private {
        (uint256 high, , , , ) = vault.allocationOf(OPERATOR, service);
        for (uint256 asked = 0; asked < high; asked += high / 8 + 1) {
            vm.prank(OPERATOR);
            try vault.allocate(service, asked) {
                return;
            } catch {}
        }
    }
}
