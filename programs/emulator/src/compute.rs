//! What the instructions of OP, OP-IMM and their 32-bit forms compute; an encoding that isn't one of them is an error.

use crate::arithmetic::*;
use crate::decode::immediate;
use crate::machine::Stop;

pub(crate) fn compute_immediate(word: u32, funct3: u32, a: u64) -> Result<u64, Stop> {
    let b = immediate::i(word) as u64;
    let shift = word >> 20 & 63;
    Ok(match (funct3, word >> 26) {
        (0, _) => a.wrapping_add(b),
        (1, 0x00) => a << shift,
        (2, _) => ((a as i64) < b as i64) as u64,
        (3, _) => (a < b) as u64,
        (4, _) => a ^ b,
        (5, 0x00) => a >> shift,
        (5, 0x10) => (a as i64 >> shift) as u64,
        (6, _) => a | b,
        (7, _) => a & b,
        _ => return Err(Stop::Error),
    })
}

pub(crate) fn compute_immediate_32(word: u32, funct3: u32, funct7: u32, a: u64) -> Result<u64, Stop> {
    let shift = word >> 20 & 31;
    Ok(match (funct3, funct7) {
        (0, _) => sext32(a.wrapping_add(immediate::i(word) as u64)),
        (1, 0x00) => sext32(a << shift),
        (5, 0x00) => sext32((a as u32 >> shift) as u64),
        (5, 0x20) => (a as i32 >> shift) as u64,
        _ => return Err(Stop::Error),
    })
}

pub(crate) fn compute(funct7: u32, funct3: u32, a: u64, b: u64) -> Result<u64, Stop> {
    let shift = b & 63;
    Ok(match (funct7, funct3) {
        (0x00, 0) => a.wrapping_add(b),
        (0x20, 0) => a.wrapping_sub(b),
        (0x00, 1) => a << shift,
        (0x00, 2) => ((a as i64) < b as i64) as u64,
        (0x00, 3) => (a < b) as u64,
        (0x00, 4) => a ^ b,
        (0x00, 5) => a >> shift,
        (0x20, 5) => (a as i64 >> shift) as u64,
        (0x00, 6) => a | b,
        (0x00, 7) => a & b,
        (0x01, 0) => a.wrapping_mul(b),
        (0x01, 1) => mulh(a, b),
        (0x01, 2) => mulhsu(a, b),
        (0x01, 3) => mulhu(a, b),
        (0x01, 4) => div(a, b),
        (0x01, 5) => divu(a, b),
        (0x01, 6) => rem(a, b),
        (0x01, 7) => remu(a, b),
        _ => return Err(Stop::Error),
    })
}

pub(crate) fn compute_32(funct7: u32, funct3: u32, a: u64, b: u64) -> Result<u64, Stop> {
    let shift = b & 31;
    Ok(match (funct7, funct3) {
        (0x00, 0) => sext32(a.wrapping_add(b)),
        (0x20, 0) => sext32(a.wrapping_sub(b)),
        (0x00, 1) => sext32(a << shift),
        (0x00, 5) => sext32((a as u32 >> shift) as u64),
        (0x20, 5) => (a as i32 >> shift) as u64,
        (0x01, 0) => sext32(a.wrapping_mul(b)),
        (0x01, 4) => divw(a, b),
        (0x01, 5) => divuw(a, b),
        (0x01, 6) => remw(a, b),
        (0x01, 7) => remuw(a, b),
        _ => return Err(Stop::Error),
    })
}
