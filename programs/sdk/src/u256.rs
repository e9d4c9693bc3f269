//! Unsigned 256-bit integers: just what amounts need.

/// Limbs of 64 bits, least significant first.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct U256(pub [u64; 4]);

impl U256 {
    pub const ZERO: U256 = U256([0; 4]);
    pub const ONE: U256 = U256([1, 0, 0, 0]);
    pub const MAX: U256 = U256([u64::MAX; 4]);

    pub fn is_zero(&self) -> bool {
        *self == U256::ZERO
    }

    pub fn from_be_bytes(bytes: &[u8; 32]) -> U256 {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.chunks_exact(8)) {
            for byte in chunk {
                *limb = *limb << 8 | *byte as u64;
            }
        }
        U256(limbs)
    }

    pub fn to_be_bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.chunks_exact_mut(8).zip(self.0.iter().rev()) {
            chunk.copy_from_slice(&limb.to_be_bytes());
        }
        bytes
    }

    pub fn checked_add(&self, other: &U256) -> Option<U256> {
        let mut sum = U256::ZERO;
        let mut carry = false;
        for i in 0..4 {
            let (partial, first) = self.0[i].overflowing_add(other.0[i]);
            let (limb, second) = partial.overflowing_add(carry as u64);
            sum.0[i] = limb;
            carry = first || second;
        }
        (!carry).then_some(sum)
    }

    pub fn saturating_add(&self, other: &U256) -> U256 {
        self.checked_add(other).unwrap_or(U256::MAX)
    }

    pub fn checked_sub(&self, other: &U256) -> Option<U256> {
        let mut difference = U256::ZERO;
        let mut borrow = false;
        for i in 0..4 {
            let (partial, first) = self.0[i].overflowing_sub(other.0[i]);
            let (limb, second) = partial.overflowing_sub(borrow as u64);
            difference.0[i] = limb;
            borrow = first || second;
        }
        (!borrow).then_some(difference)
    }

    /// Returns the product of a 128-bit and a 64-bit number, which always fits.
    pub fn product(factor: u128, times: u64) -> U256 {
        let low = (factor as u64 as u128) * times as u128;
        let high = (factor >> 64) * times as u128 + (low >> 64);
        U256([low as u64, high as u64, (high >> 64) as u64, 0])
    }

    /// Returns the number as 128 bits, if it fits.
    pub fn to_u128(&self) -> Option<u128> {
        (self.0[2] == 0 && self.0[3] == 0).then_some((self.0[1] as u128) << 64 | self.0[0] as u128)
    }

    /// Returns the number as 64 bits, if it fits.
    pub fn to_u64(&self) -> Option<u64> {
        (self.0[1] == 0 && self.0[2] == 0 && self.0[3] == 0).then_some(self.0[0])
    }
}

impl From<u128> for U256 {
    fn from(number: u128) -> U256 {
        U256([number as u64, (number >> 64) as u64, 0, 0])
    }
}

impl PartialOrd for U256 {
    fn partial_cmp(&self, other: &U256) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for U256 {
    fn cmp(&self, other: &U256) -> core::cmp::Ordering {
        self.0.iter().rev().cmp(other.0.iter().rev())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carries_and_borrows_cross_limbs() {
        let all_but_top = U256([u64::MAX, u64::MAX, u64::MAX, 0]);
        let power = U256([0, 0, 0, 1]);
        assert_eq!(all_but_top.checked_add(&U256::ONE), Some(power));
        assert_eq!(power.checked_sub(&U256::ONE), Some(all_but_top));
        assert_eq!(U256::MAX.checked_add(&U256::ONE), None);
        assert_eq!(U256::MAX.checked_add(&U256::MAX), None);
        assert_eq!(U256::ZERO.checked_sub(&U256::ONE), None);
        assert_eq!(U256::MAX.checked_sub(&U256::MAX), Some(U256::ZERO));
    }

    #[test]
    fn products_are_exact() {
        assert_eq!(U256::product(u128::MAX, u64::MAX), U256([1, u64::MAX, u64::MAX - 1, 0]));
        assert_eq!(U256::product(1 << 95, 200), U256([0, 200 << 31, 0, 0]));
    }

    #[test]
    fn bytes_are_big_endian_and_order_is_numeric() {
        let number = U256([4, 3, 2, 1]);
        assert_eq!(number.to_be_bytes()[7], 1);
        assert_eq!(number.to_be_bytes()[31], 4);
        assert_eq!(U256::from_be_bytes(&number.to_be_bytes()), number);
        assert!(U256([u64::MAX, 0, 0, 0]) < U256([0, 1, 0, 0]));
        assert_eq!(U256::from(u128::MAX).to_u128(), Some(u128::MAX));
        assert_eq!(U256([0, 0, 1, 0]).to_u128(), None);
        assert_eq!(U256([0, 1, 0, 0]).to_u64(), None);
    }
}
