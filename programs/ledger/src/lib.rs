//! A multi-asset ledger as a rollup's program.
//!
//! Accounts hold coins, assets bridged from L1, and tokens and collections born here. Transactions are EIP-712 typed
//! data, so that any wallet signs them and shows what it signs. A run never fails: what is malformed, unauthorised or
//! too much is skipped by rule. Formats are drawn in `docs/encodings/ledger.md`.
//!
//! Reading order: [`transaction`] what users ask for, [`execute`] what it does, [`state`] where it is kept, [`run`] how
//! a batch is put together.
#![no_std]

extern crate alloc;

pub mod execute;
pub mod messages;
pub mod metadata;
pub mod receipt;
pub mod run;
pub mod state;
pub mod sweep;
pub mod transaction;
pub mod typed_data;
pub mod work;

#[cfg(target_arch = "wasm32")]
mod wasm;

pub use run::{genesis, run};
