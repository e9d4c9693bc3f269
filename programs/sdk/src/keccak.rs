//! Keccak-256, written for a machine without rotate and and-not instructions.
//!
//! The 25 lanes are locals, so that the compiler keeps them in registers across a round. Six of them (1, 2, 8, 12, 17,
//! 20) are held complemented between rounds: most `b ^ (!c & d)` of the chi step then need no negation. This is the
//! "lane complementing" of the Keccak implementation overview, section 2.2; each row's formula below is the plain one
//! with the complements of its inputs and outputs cancelled. `permutation_matches_the_plain_one` checks it.

use crate::bytes::Hash;

/// Bytes absorbed per permutation: 1600 bits less twice the 256 of the digest.
pub const RATE: usize = 136;

const ROUND_CONSTANTS: [u64; 24] = [
    0x0000000000000001,
    0x0000000000008082,
    0x800000000000808a,
    0x8000000080008000,
    0x000000000000808b,
    0x0000000080000001,
    0x8000000080008081,
    0x8000000000008009,
    0x000000000000008a,
    0x0000000000000088,
    0x0000000080008009,
    0x000000008000000a,
    0x000000008000808b,
    0x800000000000008b,
    0x8000000000008089,
    0x8000000000008003,
    0x8000000000008002,
    0x8000000000000080,
    0x000000000000800a,
    0x800000008000000a,
    0x8000000080008081,
    0x8000000000008080,
    0x0000000080000001,
    0x8000000080008008,
];

/// Keccak-f[1600].
#[inline(never)]
#[rustfmt::skip]
pub fn permute(state: &mut [u64; 25]) {
    let [mut a0, mut a1, mut a2, mut a3, mut a4,
         mut a5, mut a6, mut a7, mut a8, mut a9,
         mut a10, mut a11, mut a12, mut a13, mut a14,
         mut a15, mut a16, mut a17, mut a18, mut a19,
         mut a20, mut a21, mut a22, mut a23, mut a24] = *state;
    (a1, a2, a8, a12, a17, a20) = (!a1, !a2, !a8, !a12, !a17, !a20);
    for constant in ROUND_CONSTANTS {
        // theta: column parities; complemented lanes come in pairs per column but one, which the rows below absorb
        let c0 = a0 ^ a5 ^ a10 ^ a15 ^ a20;
        let c1 = a1 ^ a6 ^ a11 ^ a16 ^ a21;
        let c2 = a2 ^ a7 ^ a12 ^ a17 ^ a22;
        let c3 = a3 ^ a8 ^ a13 ^ a18 ^ a23;
        let c4 = a4 ^ a9 ^ a14 ^ a19 ^ a24;
        let d0 = c4 ^ c1.rotate_left(1);
        let d1 = c0 ^ c2.rotate_left(1);
        let d2 = c1 ^ c3.rotate_left(1);
        let d3 = c2 ^ c4.rotate_left(1);
        let d4 = c3 ^ c0.rotate_left(1);
        // rho, pi and chi, row by row; iota with the first
        let (e0, e1, e2, e3, e4) = {
            let (b0, b1, b2, b3, b4) = gather([a0 ^ d0, a6 ^ d1, a12 ^ d2, a18 ^ d3, a24 ^ d4], [0, 44, 43, 21, 14]);
            (b0 ^ (b1 | b2) ^ constant, b1 ^ (!b2 | b3), b2 ^ (b3 & b4), b3 ^ (b4 | b0), b4 ^ (b0 & b1))
        };
        let (e5, e6, e7, e8, e9) = {
            let (b0, b1, b2, b3, b4) = gather([a3 ^ d3, a9 ^ d4, a10 ^ d0, a16 ^ d1, a22 ^ d2], [28, 20, 3, 45, 61]);
            (b0 ^ (b1 | b2), b1 ^ (b2 & b3), b2 ^ (b3 | !b4), b3 ^ (b4 | b0), b4 ^ (b0 & b1))
        };
        let (e10, e11, e12, e13, e14) = {
            let (b0, b1, b2, b3, b4) = gather([a1 ^ d1, a7 ^ d2, a13 ^ d3, a19 ^ d4, a20 ^ d0], [1, 6, 25, 8, 18]);
            (b0 ^ (b1 | b2), b1 ^ (b2 & b3), b2 ^ (!b3 & b4), !b3 ^ (b4 | b0), b4 ^ (b0 & b1))
        };
        let (e15, e16, e17, e18, e19) = {
            let (b0, b1, b2, b3, b4) = gather([a4 ^ d4, a5 ^ d0, a11 ^ d1, a17 ^ d2, a23 ^ d3], [27, 36, 10, 15, 56]);
            (b0 ^ (b1 & b2), b1 ^ (b2 | b3), b2 ^ (!b3 | b4), !b3 ^ (b4 & b0), b4 ^ (b0 | b1))
        };
        let (e20, e21, e22, e23, e24) = {
            let (b0, b1, b2, b3, b4) = gather([a2 ^ d2, a8 ^ d3, a14 ^ d4, a15 ^ d0, a21 ^ d1], [62, 55, 39, 41, 2]);
            (b0 ^ (!b1 & b2), !b1 ^ (b2 | b3), b2 ^ (b3 & b4), b3 ^ (b4 | b0), b4 ^ (b0 & b1))
        };
        (a0, a1, a2, a3, a4) = (e0, e1, e2, e3, e4);
        (a5, a6, a7, a8, a9) = (e5, e6, e7, e8, e9);
        (a10, a11, a12, a13, a14) = (e10, e11, e12, e13, e14);
        (a15, a16, a17, a18, a19) = (e15, e16, e17, e18, e19);
        (a20, a21, a22, a23, a24) = (e20, e21, e22, e23, e24);
    }
    (a1, a2, a8, a12, a17, a20) = (!a1, !a2, !a8, !a12, !a17, !a20);
    *state = [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12,
              a13, a14, a15, a16, a17, a18, a19, a20, a21, a22, a23, a24];
}

#[inline(always)]
fn gather(lanes: [u64; 5], turns: [u32; 5]) -> (u64, u64, u64, u64, u64) {
    (
        lanes[0].rotate_left(turns[0]),
        lanes[1].rotate_left(turns[1]),
        lanes[2].rotate_left(turns[2]),
        lanes[3].rotate_left(turns[3]),
        lanes[4].rotate_left(turns[4]),
    )
}

/// Returns the Keccak-256 digest (Ethereum's padding) of `bytes`.
pub fn keccak256(bytes: &[u8]) -> Hash {
    let mut state = [0u64; 25];
    let mut rest = bytes;
    while rest.len() >= RATE {
        absorb(&mut state, &rest[..RATE]);
        permute(&mut state);
        rest = &rest[RATE..];
    }
    absorb(&mut state, rest);
    state[rest.len() / 8] ^= 1 << (8 * (rest.len() % 8));
    state[RATE / 8 - 1] ^= 1 << 63;
    permute(&mut state);
    let mut digest = [0u8; 32];
    for (out, lane) in digest.chunks_exact_mut(8).zip(state) {
        out.copy_from_slice(&lane.to_le_bytes());
    }
    Hash(digest)
}

/// XORs at most RATE bytes into the state. Whole words are loaded as such when `bytes` is aligned.
#[inline(always)]
fn absorb(state: &mut [u64; 25], bytes: &[u8]) {
    // SAFETY: any bit pattern is a valid u64
    let (head, words, _) = unsafe { bytes.align_to::<u64>() };
    if head.is_empty() {
        for (lane, word) in state.iter_mut().zip(words) {
            *lane ^= u64::from_le(*word);
        }
    } else {
        for (lane, word) in state.iter_mut().zip(bytes.chunks_exact(8)) {
            *lane ^=
                u64::from_le_bytes([word[0], word[1], word[2], word[3], word[4], word[5], word[6], word[7]]);
        }
    }
    let tail = bytes.len() % 8;
    for (shift, byte) in bytes[bytes.len() - tail..].iter().enumerate() {
        state[bytes.len() / 8] ^= (*byte as u64) << (8 * shift);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bytes::hex;
    use alloc::vec::Vec;

    #[test]
    fn published_vectors() {
        // keccak-256 of the team's ShortMsgKAT and of Ethereum's well known constants
        let vectors: [(&[u8], &str); 5] = [
            (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
            (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
            (&[0xcc], "eead6dbfc7340a56caedc044696a168870549a6a7f6f56961e84a54bd9970b8a"),
            (
                b"The quick brown fox jumps over the lazy dog",
                "4d741b6f1eb29cb2a9b9911c82f56fa8d73b04959d3d9d222895df6c0b28aa15",
            ),
            (
                b"Transfer(address,address,uint256)",
                "ddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef",
            ),
        ];
        for (input, digest) in vectors {
            assert_eq!(keccak256(input), Hash(hex(digest)));
        }
    }

    /// Keccak-f as the specification writes it.
    fn plain(state: &mut [u64; 25]) {
        const TURNS: [u32; 24] =
            [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];
        const LANES: [usize; 24] =
            [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
        for constant in ROUND_CONSTANTS {
            let parity: Vec<u64> = (0..5).map(|x| (0..5).fold(0, |all, y| all ^ state[x + 5 * y])).collect();
            for (i, lane) in state.iter_mut().enumerate() {
                *lane ^= parity[(i + 4) % 5] ^ parity[(i + 1) % 5].rotate_left(1);
            }
            let mut carried = state[1];
            for (lane, turn) in LANES.iter().zip(TURNS) {
                core::mem::swap(&mut carried, &mut state[*lane]);
                state[*lane] = state[*lane].rotate_left(turn);
            }
            for row in state.chunks_exact_mut(5) {
                let copy: Vec<u64> = row.to_vec();
                for x in 0..5 {
                    row[x] = copy[x] ^ (!copy[(x + 1) % 5] & copy[(x + 2) % 5]);
                }
            }
            state[0] ^= constant;
        }
    }

    #[test]
    fn permutation_matches_the_plain_one() {
        let mut fast = [0u64; 25];
        for (i, lane) in fast.iter_mut().enumerate() {
            *lane = (i as u64 + 1).wrapping_mul(0x9e3779b97f4a7c15);
        }
        let mut slow = fast;
        for _ in 0..100 {
            permute(&mut fast);
            plain(&mut slow);
            assert_eq!(fast, slow);
        }
    }

    #[test]
    fn every_length_and_alignment() {
        let bytes: Vec<u8> = (0..700u32).map(|i| (i * 7) as u8).collect();
        for length in 0..300 {
            for start in 0..8 {
                let slice = &bytes[start..start + length];
                let mut state = [0u64; 25];
                let mut padded = slice.to_vec();
                padded.push(1);
                padded.resize(padded.len().div_ceil(RATE) * RATE, 0);
                *padded.last_mut().unwrap() |= 0x80;
                for block in padded.chunks(RATE) {
                    for (i, byte) in block.iter().enumerate() {
                        state[i / 8] ^= (*byte as u64) << (8 * (i % 8));
                    }
                    plain(&mut state);
                }
                assert_eq!(&keccak256(slice).0[..8], &state[0].to_le_bytes());
            }
        }
    }
}
