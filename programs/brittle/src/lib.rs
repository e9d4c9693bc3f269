//! What a program must not be: the ledger, but that one message makes it panic. Nobody can run a batch that consumes
//! this message, so its rollup can only escape; `test/bridge` shows that everybody gets out.
#![no_std]

extern crate alloc;

use alloc::vec::Vec;
use rollworks_sdk::messages::{Message, KIND_FORCED};
use rollworks_sdk::{Hash, Oracle, Output, Preimage};

/// The body of a forced transaction that kills.
const POISON: &[u8] = b"poison";

/// The ledger, reading through an oracle that can't stomach poison.
pub fn run<O: Oracle>(input: &Hash, oracle: &O) -> Hash {
    ledger::run(input, &Squeamish(oracle))
}

struct Squeamish<'a, O>(&'a O);

impl<O: Oracle> Oracle for Squeamish<'_, O> {
    fn read(&self, hash: &Hash, out: &mut Preimage) {
        self.0.read(hash, out);
        let message = Message::decode(out);
        assert!(!message.is_some_and(|found| found.kind == KIND_FORCED && found.body == POISON));
    }

    fn precompile(&self, address: u16, gas: u32, input: &[u8]) -> Option<Vec<u8>> {
        self.0.precompile(address, gas, input)
    }

    fn publish(&self, kind: Output, bytes: &[u8]) {
        self.0.publish(kind, bytes);
    }
}
