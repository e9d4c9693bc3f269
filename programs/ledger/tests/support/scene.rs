//! A rollup to try rules on: funded wallets, short ways to post and to look.

use super::{address, block, deposit, u, Rollup, Wallet};
use ledger::receipt::Status;
use ledger::state::{kind, Asset, State};
use ledger::transaction::Action;
use rollworks_sdk::{Address, Hash, U256};

pub const COIN: Asset = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
pub const ERC20: Asset = Asset { kind: kind::ERC20, token: Address([0x20; 20]), id: U256::ZERO };
pub const MESSAGE_ONLY: u8 = 1;
pub const SWEEP: u8 = 2;

/// A rollup on which wallets 0..count own a million coins and a thousand of an ERC-20 each.
pub fn funded(count: u64) -> (Rollup, Vec<Wallet>) {
    let mut rollup = Rollup::new();
    let wallets: Vec<Wallet> = (0..count).map(Wallet::new).collect();
    for wallet in &wallets {
        rollup.message(&deposit(&COIN, &u(1_000_000), &wallet.address));
        rollup.message(&deposit(&ERC20, &u(1_000), &wallet.address));
    }
    let posted = rollup.batch(&[], 0);
    assert!(posted.messages.iter().all(|receipt| receipt.status == Status::Applied));
    (rollup, wallets)
}

/// Posts transactions as one block and returns their statuses.
pub fn statuses(rollup: &mut Rollup, transactions: &[Vec<u8>]) -> Vec<Status> {
    let posted = rollup.batch(&[block(5, transactions)], 0);
    posted.blocks[0].iter().map(|receipt| receipt.status).collect()
}

pub fn coins(rollup: &mut Rollup, owner: &Address) -> u128 {
    balance(rollup, owner, &COIN)
}

pub fn balance(rollup: &mut Rollup, owner: &Address, asset: &Asset) -> u128 {
    let mut state = State::new();
    state.tree.open(&tree_root(rollup));
    state.balance(&rollup.host, owner, asset).to_u128().unwrap()
}

pub fn state_root(rollup: &Rollup) -> Hash {
    let mut root = Hash::ZERO;
    root.0.copy_from_slice(&rollup.host.preimage(&rollup.parent)[..32]);
    root
}

pub fn tree_root(rollup: &Rollup) -> Hash {
    let mut root = Hash::ZERO;
    root.0.copy_from_slice(&rollup.host.preimage(&state_root(rollup))[..32]);
    root
}

/// Posts a transaction that must be skipped: nothing but the block's number may change.
pub fn assert_skipped(rollup: &mut Rollup, transaction: Vec<u8>, status: Status) {
    let before = state_root(rollup);
    assert_eq!(statuses(rollup, &[transaction]), [status]);
    assert_eq!(state_root(rollup), before, "{status:?} leaves no trace");
}

pub fn send(to: Address, amount: u128) -> Action<'static> {
    Action::SendCoin { to, amount: u(amount) }
}

pub fn exit(asset: Asset, amount: u128) -> Action<'static> {
    Action::Exit {
        asset,
        amount: u(amount),
        target_rollup: 0,
        to: address(7),
        fallback_to: address(8),
        data_hash: Hash([9; 32]),
    }
}

pub fn create(kind: u8, max_supply: u128, open_mint: bool) -> Action<'static> {
    Action::CreateAsset { kind, name: "Gold", symbol: "GLD", uri: "ipfs://gold/", max_supply, open_mint }
}
