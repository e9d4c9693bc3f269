// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {AltToken} from "../../contracts/staking/AltToken.sol";
import {Day} from "../../contracts/staking/Day.sol";
import {IAltToken} from "../../contracts/staking/IAltToken.sol";
import {Redistribution} from "../../contracts/staking/IVault.sol";
import {FedVault} from "../../contracts/mocks/staking/FedVault.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// Plays several delegators, services and the operator of one pool, and remembers what each promise needs.
/// A promise that breaks inside an action is noted in `broken`, since the fuzzer forgives reverts.
contract StakingHandler is Cheats {
    struct Ticket {
        address owner;
        Day maturity;
        uint256 value;
        bool isFinal;
    }

    uint256 public constant DELAY = 21 days;
    uint256 private constant WHOLE = 1e27;

    FedVault public immutable vault;
    AltToken public immutable alt;
    address public constant OPERATOR = address(0x0be);
    address public constant FUND = address(0xf0d);
    address[4] public stakers = [OPERATOR, address(0xa11ce), address(0xb0b), address(0xca01)];
    address[3] public services = [address(0x51), address(0x52), address(0x53)];
    Ticket[] public tickets;
    uint256 public lowestMagnitude = WHOLE;
    string public broken;
    uint256 public donated;
    uint256 public time = 20_000 days;

    constructor() {
        vm.warp(time);
        alt = new AltToken(address(this));
        vault = new FedVault(IAltToken(address(alt)), address(this), address(0x7ea), DELAY);
        alt.approve(address(vault), type(uint256).max);
        for (uint256 i = 0; i < stakers.length; i++) {
            alt.transfer(stakers[i], 1e27);
            vm.prank(stakers[i]);
            alt.approve(address(vault), type(uint256).max);
        }
        for (uint256 i = 0; i < services.length; i++)
            vault.addService(services[i], Redistribution.Named, address(0));
        vm.prank(OPERATOR);
        vault.registerOperator(OPERATOR, "");
        vm.prank(OPERATOR);
        vault.deposit(OPERATOR, 1_000e18);
        for (uint256 i = 0; i < services.length; i++) {
            vm.prank(OPERATOR);
            vault.allocate(services[i], WHOLE / 3);
        }
    }

    /// Every action happens at the handler's own time, whatever the fuzzer does to the block's.
    modifier observed() {
        vm.warp(time);
        _;
        _observe();
    }

    function wait(uint256 seconds_) external observed {
        time += bound(seconds_, 1, 9 days);
        vm.warp(time);
    }

    function deposit(uint256 who, uint256 amount) external observed {
        amount = bound(amount, 1, who % 3 == 0 ? 1_000 : 1e24);
        vm.prank(stakers[who % 4]);
        vault.deposit(OPERATOR, amount);
    }

    function unbond(uint256 who, uint256 part) external observed {
        address staker = stakers[who % 4];
        (uint256 shares, ) = vault.stakeOf(OPERATOR, staker);
        if (shares == 0) return;
        vm.prank(staker);
        Day maturity = vault.unbond(OPERATOR, bound(part, 1, shares));
        for (uint256 i = 0; i < tickets.length; i++) {
            Ticket storage ticket = tickets[i];
            if (ticket.owner != staker || !(ticket.maturity == maturity)) continue;
            (, ticket.value) = vault.ticketOf(OPERATOR, staker, maturity);
            return;
        }
        (, uint256 value) = vault.ticketOf(OPERATOR, staker, maturity);
        tickets.push(Ticket(staker, maturity, value, false));
    }

    function claim(uint256 which) external observed {
        if (tickets.length == 0) return;
        which %= tickets.length;
        Ticket memory ticket = tickets[which];
        if (ticket.maturity.start() > time) return;
        uint256 before = alt.balanceOf(ticket.owner);
        try vault.claim(OPERATOR, ticket.owner, ticket.maturity) returns (uint256 amount) {
            if (amount != ticket.value || alt.balanceOf(ticket.owner) != before + amount)
                broken = "6: a claim pays the ticket's value";
        } catch {
            (uint256 q, ) = vault.ticketOf(OPERATOR, ticket.owner, ticket.maturity);
            if (q != 0) broken = "1: a matured ticket can be claimed";
        }
        tickets[which] = tickets[tickets.length - 1];
        tickets.pop();
    }

    function feed(uint256 amount) external observed {
        vault.feed(OPERATOR, bound(amount, 0, 1e22));
    }

    /// What somebody sends by mistake counts for nothing.
    function donate(uint256 amount) external observed {
        (uint256 active, , , , ) = vault.poolOf(OPERATOR);
        alt.transfer(address(vault), bound(amount, 0, 1e22));
        (uint256 activeAfter, , , , ) = vault.poolOf(OPERATOR);
        donated += bound(amount, 0, 1e22);
        if (activeAfter != active) broken = "donations do nothing";
    }

    function allocate(uint256 which, uint256 part) external observed {
        vm.prank(OPERATOR);
        vault.allocate(services[which % 3], bound(part, 0, WHOLE / 2));
    }

    function reserve(uint256 which, uint256 part) external observed {
        address service = services[which % 3];
        uint256 backing = vault.backingOf(OPERATOR, service);
        vm.prank(service);
        vault.reserve(OPERATOR, bound(part, 0, backing));
    }

    function release(uint256 which, uint256 amount) external observed {
        vm.prank(services[which % 3]);
        vault.release(OPERATOR, bound(amount, 0, 1e24));
    }

    struct Before {
        uint256 active;
        uint256 unbonding;
        uint256 magnitude;
        uint256 slashable;
        uint256[3] backing;
        uint256 balance;
        uint256 fund;
        uint256 supply;
    }

    function slash(uint256 which, uint256 amount, bool all) external observed {
        vault.roll(OPERATOR);
        Before memory b;
        (b.active, , b.unbonding, b.magnitude, ) = vault.poolOf(OPERATOR);
        (b.slashable, , , , ) = vault.allocationOf(OPERATOR, services[which % 3]);
        for (uint256 i = 0; i < 3; i++) b.backing[i] = vault.backingOf(OPERATOR, services[i]);
        b.balance = alt.balanceOf(address(vault));
        b.fund = alt.balanceOf(FUND);
        b.supply = alt.totalSupply();
        amount = all ? type(uint256).max : bound(amount, 0, (b.active + b.unbonding) / 4);
        vm.prank(services[which % 3]);
        try vault.slash(OPERATOR, amount, FUND) returns (uint256 paid) {
            _checkSlash(which % 3, amount, paid, b);
        } catch {
            broken = "a slash never reverts";
        }
    }

    function _checkSlash(uint256 which, uint256 amount, uint256 paid, Before memory b) private {
        (uint256 active, , uint256 unbonding, uint256 magnitude, ) = vault.poolOf(OPERATOR);
        // A part of 10^27 of the pool, and the roundings.
        uint256 dust = b.magnitude == 0 ? 0 : (b.active + b.unbonding) / b.magnitude + 3;
        uint256 cap = b.magnitude == 0 ? 0 : ((b.active + b.unbonding) * b.slashable) / b.magnitude;
        if (paid > (amount < cap ? amount : cap) + dust) broken = "4: a slash takes at most the allocation";
        if (amount <= cap && paid + 3 < amount) broken = "16: a slash takes what is asked when it is there";
        for (uint256 i = 0; i < 3; i++) {
            if (i == which || magnitude < 1e21) continue;
            uint256 backing = vault.backingOf(OPERATOR, services[i]);
            if (backing > b.backing[i] + 1 || backing + 2 < b.backing[i])
                broken = "4: other services keep their backing";
        }
        if (b.magnitude != 0) {
            if (active != (b.active * magnitude) / b.magnitude) broken = "5: active stake loses the fraction";
            uint256 left = (b.unbonding * magnitude) / b.magnitude;
            if (unbonding + 2 < left || unbonding > left + 2)
                broken = "5: unbonding stake loses the fraction";
        }
        uint256 out = b.balance - alt.balanceOf(address(vault));
        uint256 toFund = alt.balanceOf(FUND) - b.fund;
        if (out != paid || toFund != paid / 2 || b.supply - alt.totalSupply() != paid - paid / 2)
            broken = "half is burned, half is paid";
    }

    /// 6: a matured ticket never changes, an unmatured one never rises. 9: the magnitude never rises.
    function _observe() private {
        for (uint256 i = 0; i < tickets.length; i++) {
            Ticket storage ticket = tickets[i];
            (, uint256 value) = vault.ticketOf(OPERATOR, ticket.owner, ticket.maturity);
            if (ticket.isFinal ? value != ticket.value : value > ticket.value) broken = "6: tickets";
            ticket.value = value;
            ticket.isFinal = ticket.maturity.start() <= time;
        }
        (, , , uint256 magnitude, ) = vault.poolOf(OPERATOR);
        if (magnitude > lowestMagnitude) broken = "9: the magnitude never rises";
        lowestMagnitude = magnitude;
    }

    /// Everything the vault owes [ALT wei].
    function owed() external view returns (uint256 sum) {
        (sum, , , , ) = vault.poolOf(OPERATOR);
        for (uint256 i = 0; i < tickets.length; i++) {
            (, uint256 value) = vault.ticketOf(OPERATOR, tickets[i].owner, tickets[i].maturity);
            sum += value;
        }
        (uint256 current, uint256 done, , uint256 next) = vault.streamOf(OPERATOR);
        sum += current - done + next + vault.treasuryDue();
    }
}
