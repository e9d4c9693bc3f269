// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

/// A day, counted from 1970-01-01 00:00 UTC; the last one that fits is in June 2149.
type Day is uint16;

using {start, equals as ==, isBefore as <, isAfter as >} for Day global;

uint256 constant DAY_LENGTH = 1 days;

/// Returns the first second of `day` [s].
function start(Day day) pure returns (uint256) {
    return uint256(Day.unwrap(day)) * DAY_LENGTH;
}

function equals(Day a, Day b) pure returns (bool) {
    return Day.unwrap(a) == Day.unwrap(b);
}

function isBefore(Day a, Day b) pure returns (bool) {
    return Day.unwrap(a) < Day.unwrap(b);
}

function isAfter(Day a, Day b) pure returns (bool) {
    return Day.unwrap(a) > Day.unwrap(b);
}

/// Raised when a time lies behind the last day that fits, in June 2149 [s since 1970]. Use an earlier time.
error DayOutOfRange(uint256 time);

/// Returns the day that `time` [s] falls on.
function dayOf(uint256 time) pure returns (Day) {
    uint256 day = time / DAY_LENGTH;
    require(day <= type(uint16).max, DayOutOfRange(time));
    return Day.wrap(uint16(day)); // fits: checked above
}

/// Returns the first day that starts at `time` [s] or later.
function ceilDay(uint256 time) pure returns (Day) {
    return dayOf(time + DAY_LENGTH - 1);
}
