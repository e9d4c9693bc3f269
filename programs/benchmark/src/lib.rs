//! What the emulator's speed is measured on besides the ledger: keccak, signature recovery without a precompile, and writes
//! all over memory. The input says which and how often: `load u8 ‖ zero(23) ‖ rounds u64`.
//!
//! The fourth load is one call of a precompile, for the test that WebAssembly and the machine answer alike:
//! `load u8 ‖ zero(17) ‖ address u16 ‖ gas u32 ‖ length u32 ‖ head u32`; the input is so many zero bytes, its first word ends in the head.
#![no_std]

extern crate alloc;

use alloc::vec;
use k256::ecdsa::{RecoveryId, Signature, VerifyingKey};
use rollworks_sdk::{keccak256, Hash, Oracle, Reader};

#[cfg(target_arch = "wasm32")]
rollworks_sdk::entry!(run, genesis);

const KECCAK: u8 = 0;
const RECOVERY: u8 = 1;
const MEMORY: u8 = 2;
const PRECOMPILE: u8 = 3;

/// [bytes] what the third load walks over
const MEMORY_SIZE: usize = 32 << 20;

/// The vector of the ecrecover precompile in the execution layer's tests.
const DIGEST: [u8; 32] =
    rollworks_sdk::bytes::hex("18c547e4f7b0f325ad1e56f57e26c745b09a3e503d86e00e5255ff7f715d3d1c");
const R: [u8; 32] =
    rollworks_sdk::bytes::hex("73b1693892219d736caba55bdb67216e485557ea6b6af75f37096c9aa6a5a75f");
const S: [u8; 32] =
    rollworks_sdk::bytes::hex("eeb940b1d03b21e36b0e47e79769f095fe2ab855bd91e3a38756b7d75a9c4549");
const ODD: bool = true;

pub fn run(input: &Hash, oracle: &impl Oracle) -> Hash {
    let mut rounds = [0; 8];
    rounds.copy_from_slice(&input.0[24..]);
    let rounds = u64::from_be_bytes(rounds);
    match input.0[0] {
        KECCAK => (0..rounds).fold(*input, |hash, _| keccak256(&hash.0)),
        RECOVERY => (0..rounds).fold(*input, |hash, _| recover(&hash)),
        MEMORY => walk(rounds),
        PRECOMPILE => call(input, oracle).unwrap_or_default(),
        _ => Hash::ZERO,
    }
}

/// Recovers the vector's signer and returns its address, whatever `_before` is: rounds follow each other.
fn recover(_before: &Hash) -> Hash {
    let signature = Signature::from_scalars(R, S).expect("r and s are in range");
    // s is high: the precompile takes it, the library wants it low and the parity turned
    let (signature, odd) = match signature.normalize_s() {
        Some(low) => (low, !ODD),
        None => (signature, ODD),
    };
    let key = VerifyingKey::recover_from_prehash(&DIGEST, &signature, RecoveryId::new(odd, false))
        .expect("the vector recovers");
    let mut word = keccak256(&key.to_encoded_point(false).as_bytes()[1..]);
    word.0[..12].fill(0);
    word
}

/// Calls a precompile and returns the hash of what it answers, and the zero hash when it fails.
fn call(input: &Hash, oracle: &impl Oracle) -> Option<Hash> {
    let mut reader = Reader(&input.0[18..]);
    let (address, gas, length) = (reader.u16()?, reader.u32()?, reader.u32()?);
    let mut bytes = vec![0; length as usize];
    for (place, byte) in bytes.iter_mut().skip(28).zip(reader.array::<4>()?) {
        *place = byte;
    }
    oracle.precompile(address, gas, &bytes).map(|output| keccak256(&output))
}

/// Writes a word to a place all over 32 MiB, again and again.
fn walk(rounds: u64) -> Hash {
    let mut memory = vec![0u64; MEMORY_SIZE / 8];
    let mut state = 1u64;
    for _ in 0..rounds {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let place = &mut memory[(state >> 42) as usize];
        *place = place.wrapping_add(state);
    }
    Hash::from_u64(memory.iter().fold(0, |sum, word| sum ^ word) | 1)
}

/// Nothing goes on from a measurement.
pub fn genesis(_oracle: &impl Oracle) -> Hash {
    Hash::ZERO
}
