// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Day, DayOutOfRange, ceilDay, dayOf} from "../../contracts/staking/Day.sol";
import {History} from "../../contracts/staking/History.sol";
import {Queue} from "../../contracts/staking/Queue.sol";
import {Stream, Streams} from "../../contracts/staking/Stream.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// The parts of a pool against the plainest form of what they promise.
contract PartsTest is Cheats {
    using History for History.Log;
    using Queue for Queue.Line;
    using Streams for Stream;

    History.Log private history;
    Queue.Line private queue;
    Stream private stream;
    uint256[] private times;
    uint256[] private values;
    uint256[] private days_;

    function pushHistory(uint256 time, uint256 value) external returns (uint256) {
        return history.push(0, time, value);
    }

    function test_HistoryRefusesWhatDoesNotFit() external {
        uint256 lastTime = (1 << 34) - 1;
        uint256 mostValue = (1 << 94) - 1;
        vm.expectRevert(abi.encodeWithSelector(History.HistoryEntryInvalid.selector, lastTime + 1, 0));
        this.pushHistory(lastTime + 1, 0);
        vm.expectRevert(abi.encodeWithSelector(History.HistoryEntryInvalid.selector, 0, mostValue + 1));
        this.pushHistory(0, mostValue + 1);
        assertEq(this.pushHistory(lastTime, mostValue), 1, "the last that fit");
        assertEq(history.at(1, lastTime, 0), mostValue, "come back");
    }

    function pushQueue(uint256 length, uint256 q) external returns (uint256) {
        return queue.push(length, Day.wrap(1), Day.wrap(2), q);
    }

    function test_QueueRefusesWhatDoesNotFit() external {
        uint256 most = type(uint240).max;
        assertEq(this.pushQueue(0, most - 1), 1, "first entry");
        vm.expectRevert(abi.encodeWithSelector(Queue.QueueFull.selector, most + 1));
        this.pushQueue(1, 2);
        assertEq(this.pushQueue(1, 1), 2, "the last that fits");
    }

    function dayAt(uint256 time) external pure returns (Day) {
        return dayOf(time);
    }

    function dayFrom(uint256 time) external pure returns (Day) {
        return ceilDay(time);
    }

    function test_DaysEndIn2149() external {
        uint256 last = (1 << 16) * 1 days - 1;
        assertEq(Day.unwrap(this.dayAt(last)), type(uint16).max, "the last second");
        assertEq(Day.unwrap(this.dayFrom(last - 1 days + 1)), type(uint16).max, "the last start of a day");
        vm.expectRevert(abi.encodeWithSelector(DayOutOfRange.selector, last + 1));
        this.dayAt(last + 1);
        vm.expectRevert(abi.encodeWithSelector(DayOutOfRange.selector, last + 1));
        this.dayFrom(last - 1 days + 2);
    }

    /// Steps of 0 too: several entries at one time, of which the last counts.
    function testFuzz_HistoryRemembers(
        uint8[24] calldata steps,
        uint88[24] calldata written,
        uint256 initial
    ) external {
        uint256 count;
        uint256 time = 1_000;
        initial = bound(initial, 0, 1 << 93);
        for (uint256 i = 0; i < steps.length; i++) {
            time += steps[i] % 4;
            uint256 value = written[i];
            count = history.push(count, time, value);
            times.push(time);
            values.push(value);
        }
        for (uint256 t = 990; t < time + 5; t++) {
            uint256 expected = initial;
            for (uint256 i = 0; i < times.length; i++) if (times[i] <= t) expected = values[i];
            assertEq(history.at(count, t, initial), expected, "value at a time");
        }
    }

    function testFuzz_QueueSumsWhatHasNotMatured(
        uint8[24] calldata gaps,
        uint64[24] calldata amounts,
        uint8 ahead
    ) external {
        uint256 length;
        uint256 day = 20_000;
        uint256 last;
        for (uint256 i = 0; i < gaps.length; i++) {
            day += gaps[i] % 3 == 0 ? gaps[i] % 30 : gaps[i] % 2;
            length = queue.push(length, Day.wrap(uint16(last)), Day.wrap(uint16(day)), amounts[i]);
            last = day;
            days_.push(day);
        }
        for (uint256 today = day > 40 + uint256(ahead) ? day - 40 - ahead : 0; today < day; today++) {
            uint256 expected;
            for (uint256 i = 0; i < days_.length; i++) if (days_[i] > today) expected += amounts[i];
            uint256 sum = queue.immature(length, Day.wrap(uint16(last)), Day.wrap(uint16(today)));
            assertEq(sum, expected, "immature tickets");
        }
    }

    /// However often it is rolled, a stream pays each epoch's rewards evenly over the next epoch, all of them, never more.
    function testFuzz_StreamPaysAllInTime(
        uint32[16] calldata steps,
        uint96[16] calldata fed,
        bool[16] calldata feeds
    ) external {
        uint256 time = 4_000 * Streams.EPOCH;
        uint256 total;
        uint256 paid;
        stream.roll(time);
        for (uint256 i = 0; i < steps.length; i++) {
            time += steps[i] % (2 * Streams.EPOCH);
            (uint256 released, bool flowing) = stream.roll(time);
            paid += released;
            assertLe(paid, total, "never more than was fed");
            assertEq(total - paid, uint256(stream.current) - stream.done + stream.next, "nothing is lost");
            assertTrue(flowing == (stream.current | stream.next != 0), "says whether anything is left");
            assertLe(
                stream.done,
                (uint256(stream.current) * (time % Streams.EPOCH)) / Streams.EPOCH,
                "evenly"
            );
            if (!feeds[i]) continue;
            uint256 amount = bound(fed[i], 0, 1e28 / 16);
            stream.next = uint96(stream.next + amount);
            total += amount;
        }
        (uint256 rest, ) = stream.roll(time + 2 * Streams.EPOCH);
        assertEq(paid + rest, total, "all is paid after two epochs");
    }
}
