//! What work costs, and how much a run may do.
//!
//! Users pay fixed prices ([`crate::transaction::Action::gas`]). A run is bounded by something else: a meter in machine
//! steps, charged for what was done. Prices that cover the deepest path anybody could grind would make everybody pay
//! for an attack; a meter makes the attacker's batch shorter instead. `test/programs/ledger.steps.test.ts` and `ledger.meter.test.ts` replay worst
//! cases on the emulator and compare.

use rollworks_sdk::tree::Costs;

/// Steps in one unit of gas of `config.batchGas`.
pub const STEPS_PER_GAS: u64 = 1_000;

/// Tree work [steps].
pub const TREE: Costs = Costs { visit: 700, change: 8_000 };

/// Opening a block and closing it: record, root, fees [steps].
pub const BLOCK: u64 = 60_000;

/// Decoding a transaction, its typed data and signer [steps], whether it is applied or not.
pub const TRANSACTION: u64 = 90_000;

/// One exit leaf with its place in the tree of exits and its metadata [steps].
pub const EXIT: u64 = 60_000;

/// One byte of an asset's texts [steps]: checked to be UTF-8, hashed as typed data, hashed as metadata.
pub const TEXT: u64 = 64;

/// One NFT minted, besides the tree [steps].
pub const NFT: u64 = 18_000;

/// One message read, walked and decoded [steps]; its transaction costs extra.
pub const MESSAGE: u64 = 30_000;

/// Reading the largest batch's data and cutting it into blocks, and one transaction too many [steps].
const RESERVE: u64 = 40_000_000;

/// Returns the steps that messages may use: a sixteenth of the run.
pub fn message_budget(log2_steps: u8) -> u64 {
    sixteenth(log2_steps)
}

/// Returns the steps that blocks, or a sweep, may use: another sixteenth, less the reserve, if the rollup allows as much.
pub fn batch_budget(log2_steps: u8, batch_gas: u64) -> u64 {
    batch_gas.saturating_mul(STEPS_PER_GAS).min(sixteenth(log2_steps).saturating_sub(RESERVE))
}

fn sixteenth(log2_steps: u8) -> u64 {
    1 << log2_steps.clamp(4, 63) - 4
}
