//! RV64IM emulator of the machine in docs/encodings/machine.md: runs a program, hashes its states, keeps checkpoints and
//! makes the witness of any step. `abi` is what the WebAssembly module exports.

#[cfg(target_arch = "wasm32")]
mod abi;
pub mod arithmetic;
mod checkpoint;
mod compute;
pub mod decode;
pub mod elf;
mod fast;
pub mod host;
mod hot;
pub mod keccak;
pub mod machine;
pub mod memory;
mod read;
mod witness;
