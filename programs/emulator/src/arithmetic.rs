//! What multiplication, division and the 32-bit forms do in RV64IM, edge cases included.

#[inline(always)]
pub fn sext32(value: u64) -> u64 {
    value as i32 as u64
}

/// The high half of a 64 × 64 bit product, from 32-bit halves: WebAssembly has no wide multiplication.
#[inline(always)]
pub fn mulhu(a: u64, b: u64) -> u64 {
    let (a0, a1) = (a & 0xffff_ffff, a >> 32);
    let (b0, b1) = (b & 0xffff_ffff, b >> 32);
    let low = a0 * b0;
    let middle = a1 * b0 + (low >> 32);
    let other = a0 * b1 + (middle & 0xffff_ffff);
    a1 * b1 + (middle >> 32) + (other >> 32)
}

#[inline(always)]
pub fn mulh(a: u64, b: u64) -> u64 {
    let correction = (((a as i64) >> 63) as u64 & b).wrapping_add(((b as i64) >> 63) as u64 & a);
    mulhu(a, b).wrapping_sub(correction)
}

#[inline(always)]
pub fn mulhsu(a: u64, b: u64) -> u64 {
    mulhu(a, b).wrapping_sub(((a as i64) >> 63) as u64 & b)
}

#[inline(always)]
pub fn div(a: u64, b: u64) -> u64 {
    if b == 0 {
        u64::MAX
    } else {
        (a as i64).wrapping_div(b as i64) as u64
    }
}

#[inline(always)]
pub fn divu(a: u64, b: u64) -> u64 {
    a.checked_div(b).unwrap_or(u64::MAX)
}

#[inline(always)]
pub fn rem(a: u64, b: u64) -> u64 {
    if b == 0 {
        a
    } else {
        (a as i64).wrapping_rem(b as i64) as u64
    }
}

#[inline(always)]
pub fn remu(a: u64, b: u64) -> u64 {
    a.checked_rem(b).unwrap_or(a)
}

#[inline(always)]
pub fn divw(a: u64, b: u64) -> u64 {
    if b as u32 == 0 {
        u64::MAX
    } else {
        (a as i32).wrapping_div(b as i32) as u64
    }
}

#[inline(always)]
pub fn divuw(a: u64, b: u64) -> u64 {
    (a as u32).checked_div(b as u32).map_or(u64::MAX, |quotient| sext32(quotient as u64))
}

#[inline(always)]
pub fn remw(a: u64, b: u64) -> u64 {
    if b as u32 == 0 {
        sext32(a)
    } else {
        (a as i32).wrapping_rem(b as i32) as u64
    }
}

#[inline(always)]
pub fn remuw(a: u64, b: u64) -> u64 {
    sext32((a as u32).checked_rem(b as u32).unwrap_or(a as u32) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    const EDGES: [u64; 9] = [
        0,
        1,
        2,
        u64::MAX,
        i64::MAX as u64,
        i64::MIN as u64,
        0x8000_0000,
        0xffff_ffff,
        0x1234_5678_9abc_def0,
    ];

    #[test]
    fn high_products_agree_with_128_bits() {
        for a in EDGES {
            for b in EDGES {
                assert_eq!(mulhu(a, b), ((a as u128 * b as u128) >> 64) as u64);
                assert_eq!(mulh(a, b), ((a as i64 as i128 * b as i64 as i128) >> 64) as u64);
                assert_eq!(mulhsu(a, b), ((a as i64 as i128).wrapping_mul(b as i128) >> 64) as u64);
            }
        }
    }

    #[test]
    fn division_by_zero_and_overflow_follow_the_manual() {
        let minimum = i64::MIN as u64;
        assert_eq!((div(7, 0), rem(7, 0), divu(7, 0), remu(7, 0)), (u64::MAX, 7, u64::MAX, 7));
        assert_eq!((div(minimum, u64::MAX), rem(minimum, u64::MAX)), (minimum, 0));
        let low = 0x8000_0000;
        assert_eq!((divw(low, u64::MAX), remw(low, u64::MAX)), (sext32(low), 0));
        assert_eq!(
            (divw(5, 1 << 32), remw(low, 0), divuw(5, 0), remuw(low, 0)),
            (u64::MAX, sext32(low), u64::MAX, sext32(low))
        );
    }
}
