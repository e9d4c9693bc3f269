//! keccak256 (Ethereum's, FIPS 202 with the original padding).

pub type Hash = [u8; 32];

const RATE: usize = 136;

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

/// The walk of rho and pi: lane `PI[i]` receives the lane before it on the walk, rotated by `RHO[i]`.
const PI: [usize; 24] =
    [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1];
const RHO: [u32; 24] =
    [1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44];

fn permute(state: &mut [u64; 25]) {
    let mut a = *state;
    for constant in ROUND_CONSTANTS {
        let mut column = [0u64; 5];
        for x in 0..5 {
            column[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
        }
        for x in 0..5 {
            let mix = column[(x + 4) % 5] ^ column[(x + 1) % 5].rotate_left(1);
            for y in 0..5 {
                a[x + 5 * y] ^= mix;
            }
        }
        let mut carried = a[1];
        for i in 0..24 {
            let next = a[PI[i]];
            a[PI[i]] = carried.rotate_left(RHO[i]);
            carried = next;
        }
        for y in 0..5 {
            let row = [a[5 * y], a[5 * y + 1], a[5 * y + 2], a[5 * y + 3], a[5 * y + 4]];
            for x in 0..5 {
                a[5 * y + x] = row[x] ^ (!row[(x + 1) % 5] & row[(x + 2) % 5]);
            }
        }
        a[0] ^= constant;
    }
    *state = a;
}

fn squeeze(state: &[u64; 25]) -> Hash {
    let mut hash = [0; 32];
    for (lane, bytes) in state.iter().zip(hash.chunks_exact_mut(8)) {
        bytes.copy_from_slice(&lane.to_le_bytes());
    }
    hash
}

fn lane(bytes: &[u8]) -> u64 {
    u64::from_le_bytes(bytes.try_into().expect("a lane has eight bytes"))
}

pub fn keccak256(data: &[u8]) -> Hash {
    let mut state = [0u64; 25];
    let mut blocks = data.chunks_exact(RATE);
    for block in &mut blocks {
        for (word, bytes) in state.iter_mut().zip(block.chunks_exact(8)) {
            *word ^= lane(bytes);
        }
        permute(&mut state);
    }
    let rest = blocks.remainder();
    let mut last = [0u8; RATE];
    last[..rest.len()].copy_from_slice(rest);
    last[rest.len()] = 0x01;
    last[RATE - 1] |= 0x80;
    for (word, bytes) in state.iter_mut().zip(last.chunks_exact(8)) {
        *word ^= lane(bytes);
    }
    permute(&mut state);
    squeeze(&state)
}

/// The keccak256 of 64 bytes given as eight lanes: an inner node of a tree.
pub fn hash_lanes(lanes: [u64; 8]) -> Hash {
    let mut state = [0u64; 25];
    state[..8].copy_from_slice(&lanes);
    state[8] = 0x01;
    state[16] = 0x80 << 56;
    permute(&mut state);
    squeeze(&state)
}

pub fn hash_pair(left: &Hash, right: &Hash) -> Hash {
    let mut lanes = [0; 8];
    for i in 0..4 {
        lanes[i] = lane(&left[8 * i..8 * i + 8]);
        lanes[4 + i] = lane(&right[8 * i..8 * i + 8]);
    }
    hash_lanes(lanes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: Hash) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    // Vectors of the Keccak team's test files for the original padding, and of Ethereum.
    #[test]
    fn hashes_the_published_vectors() {
        assert_eq!(hex(keccak256(b"")), "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470");
        assert_eq!(
            hex(keccak256(b"abc")),
            "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"
        );
    }

    #[test]
    fn hashes_a_pair_like_its_bytes() {
        let (left, right) = ([7u8; 32], [9u8; 32]);
        let mut both = [7u8; 64];
        both[32..].fill(9);
        assert_eq!(hash_pair(&left, &right), keccak256(&both));
    }

    #[test]
    fn pads_at_every_length_around_the_rate() {
        // the empty tree of depth 1 is Ethereum's well-known hash of 64 zero bytes
        assert_eq!(
            hex(hash_pair(&[0; 32], &[0; 32])),
            "ad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5"
        );
        let all: std::collections::HashSet<Hash> = (130..280).map(|n| keccak256(&vec![0; n])).collect();
        assert_eq!(all.len(), 150);
    }
}
