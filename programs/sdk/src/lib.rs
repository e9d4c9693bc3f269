//! What every guest program stands on.
//!
//! A program is a pure function from the hash of its input to its new commitment. It reads everything else through an
//! [`Oracle`], by hash. The same crate is compiled to WebAssembly (the node runs it), to RV64IM (a dispute replays it)
//! and natively (tests). Layouts are those of `docs/encodings.md`.
#![no_std]

extern crate alloc;

pub mod bytes;
pub mod data;
pub mod exits;
pub mod input;
pub mod keccak;
pub mod messages;
pub mod oracle;
pub mod tree;
pub mod u256;

#[cfg(target_arch = "riscv64")]
pub mod riscv;
#[cfg(target_arch = "wasm32")]
pub mod wasm;

pub use bytes::{Address, Hash, Reader};
pub use keccak::keccak256;
pub use oracle::{Oracle, Output, Preimage};
pub use u256::U256;
