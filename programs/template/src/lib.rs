//! The smallest program: it counts the messages that reached it. Copy it, and replace `apply`.
//!
//! It owns nothing for anybody, so it ignores the sweep flag. A program in which people own something must not: once the flag is set and no
//! message is unread, it turns everything into exits (rule 7 of `docs/programs.md`; `programs/ledger/src/sweep.rs` does), or nobody gets
//! home when the rollup ends.
#![no_std]

use rollworks_sdk::input::{Commitment, Input};
use rollworks_sdk::{data, keccak256, messages, Hash, Oracle, Output, Preimage};

#[cfg(target_arch = "wasm32")]
rollworks_sdk::entry!(run, genesis);

/// The program: from the hash of its input to the commitment of the state after the batch.
pub fn run<O: Oracle>(input_hash: &Hash, oracle: &O) -> Hash {
    let Some(Input { parent, header, config }) = Input::read(oracle, input_hash) else { return Hash::ZERO };
    let Some(mut next) = Commitment::read(oracle, &parent) else { return Hash::ZERO };
    let mut state = Preimage::new();
    oracle.read(&next.state_root, &mut state);
    let mut head = Hash::ZERO;
    head.0.copy_from_slice(&state);
    let cursor = (next.messages_consumed, head);
    let mut message = Preimage::new();
    for link in messages::waiting(oracle, cursor, (header.target, header.target_hash), config.message_bound) {
        oracle.read(&link.message, &mut message);
        next.messages_consumed += 1;
        head = link.head;
    }
    apply(&data::read(oracle, &header), &mut next);
    next.timestamp = header.timestamp;
    next.state_root = keep(oracle, &head);
    next.publish(oracle)
}

/// What the batch's data does. This program counts a block per batch and has no use for the bytes.
fn apply(_data: &[u8], next: &mut Commitment) {
    next.block += 1;
}

/// The commitment every rollup of this program starts from.
pub fn genesis(oracle: &impl Oracle) -> Hash {
    let exit_root = rollworks_sdk::exits::Frontier::default().exit_root();
    let state_root = keep(oracle, &Hash::ZERO);
    Commitment {
        state_root,
        exit_root,
        block: 0,
        timestamp: 0,
        messages_consumed: 0,
        transactions: 0,
        phase: 0,
    }
    .publish(oracle)
}

/// Publishes the state, here the head of the message chain, and returns its root.
fn keep(oracle: &impl Oracle, head: &Hash) -> Hash {
    oracle.publish(Output::Preimage, &head.0);
    keccak256(&head.0)
}
