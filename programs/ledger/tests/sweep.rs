//! How everybody is sent home.

mod support;

use ledger::metadata;
use ledger::receipt::Status;
use ledger::state::kind;
use ledger::transaction::Action;
use rollworks_sdk::U256;
use support::rollup::CHAIN;
use support::scene::*;
use support::*;

#[test]
fn a_sweep_with_unread_messages() {
    let (mut rollup, _) = funded(2);
    for _ in 0..65 {
        rollup.message(&deposit(&COIN, &u(1), &address(1)));
    }
    let posted = rollup.batch(&[], MESSAGE_ONLY | SWEEP);
    assert_eq!((posted.commitment.phase, posted.messages.len()), (0, 64));
    assert!(rollup.host.exits.borrow().is_empty());
    let posted = rollup.batch(&[], MESSAGE_ONLY | SWEEP);
    assert_eq!((posted.commitment.phase, posted.commitment.messages_consumed), (2, rollup.target));
}

#[test]
fn a_sweep_in_phases_takes_everything_home() {
    let (mut rollup, mut wallets) = funded(9);
    let creator = wallets[0].address;
    let token = metadata::asset_address(CHAIN, &creator, 0);
    let nfts = metadata::asset_address(CHAIN, &creator, 1);
    let to = wallets[3].address;
    let transactions = [
        wallets[0].sign(CHAIN, &create(5, 500, false)),
        wallets[0].sign(CHAIN, &create(6, 500, true)),
        wallets[0].sign(CHAIN, &Action::Mint { token, id: U256::ZERO, to, amount: 500 }),
        wallets[4].sign(CHAIN, &Action::MintNft { collection: nfts, to, count: 7 }),
    ];
    assert_eq!(statuses(&mut rollup, &transactions), [Status::Applied; 4]);
    let owned = walk::holdings(&rollup.host, &state_root(&rollup));
    assert_eq!(owned.len(), 9 + 1 + 9 + 1 + 7);
    rollup.config.batch_gas = 1_000;
    let late = block(1, &[wallets[5].sign(CHAIN, &send(to, 1))]);
    let forced = message(2, &address(1), &wallets[6].sign(CHAIN, &send(to, 1)));
    let mut batches = 0;
    let mut phase = 0;
    let mut found = Vec::new();
    while phase != 2 {
        rollup.host.exits.borrow_mut().clear();
        let posted = rollup.batch(&[], MESSAGE_ONLY | SWEEP);
        let exits = rollup.host.exits.borrow();
        found.extend(exits[..exits.len() / 2].iter().map(|(_, leaf)| leaf.clone()));
        drop(exits);
        phase = posted.commitment.phase;
        batches += 1;
        if batches == 1 {
            // while it sweeps, the state is frozen: for blocks, and for forced transactions
            assert_eq!(phase, 1);
            assert_eq!(rollup.batch(&[late.clone()], 0).commitment.transactions, 4);
            rollup.message(&forced);
            assert_eq!(rollup.batch(&[], 0).messages[0].status, Status::Frozen);
        }
    }
    assert!(batches > 2, "{batches} batches");
    assert!(walk::holdings(&rollup.host, &state_root(&rollup)).is_empty());
    // the exits are what was owned, in path order, each to its owner
    assert_eq!(found.len(), owned.len());
    for (leaf, (owner, asset, amount)) in found.iter().zip(&owned) {
        assert_eq!(leaf[..4], [1, 2, asset.kind, 0]);
        assert_eq!(leaf[12..32], asset.token.0);
        assert_eq!(leaf[32..64], asset.id.to_be_bytes());
        assert_eq!(leaf[64..96], amount.to_be_bytes());
        for word in [3, 4, 5] {
            assert_eq!(leaf[32 * word + 12..32 * word + 32], owner.0);
        }
        assert_eq!(leaf[192..224] == [0; 32], !kind::is_born(asset.kind));
    }
    // once more changes nothing
    assert_eq!(rollup.batch(&[], MESSAGE_ONLY | SWEEP).commitment.phase, 2);
}

#[test]
fn an_empty_rollup_is_swept_at_once() {
    let mut rollup = Rollup::new();
    assert_eq!(rollup.batch(&[], MESSAGE_ONLY | SWEEP).commitment.phase, 2);
}
