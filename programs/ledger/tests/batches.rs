//! How a batch is put together: its messages, its data, its work.

mod support;

use ledger::receipt::Status;
use ledger::state::{kind, Asset, State};
use ledger::transaction::Action;
use rollworks_sdk::{Hash, Oracle};
use support::rollup::CHAIN;
use support::scene::*;
use support::*;

#[test]
fn malformed_messages() {
    let (mut rollup, mut wallets) = funded(1);
    let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
    let mut cut = deposit(&COIN, &u(1), &address(1));
    cut.pop();
    let mut padded = deposit(&COIN, &u(1), &address(1));
    padded[22 + 5] = 1;
    let unknown_kind = deposit(&Asset { kind: 4, ..COIN }, &u(1), &address(1));
    let mut version = deposit(&COIN, &u(1), &address(1));
    version[0] = 2;
    let bad: [(Vec<u8>, Status); 10] = [
        (vec![], Status::UnknownMessage),
        (vec![1], Status::UnknownMessage),
        (vec![0xff; 4_096], Status::UnknownMessage),
        (cut, Status::UnknownMessage),
        (padded, Status::UnknownMessage),
        (unknown_kind, Status::UnknownMessage),
        (version, Status::UnknownMessage),
        (message(4, &address(1), &transaction), Status::UnknownMessage),
        (message(2, &address(1), &transaction[1..]), Status::Malformed),
        (message(3, &address(1), &transaction), Status::Malformed),
    ];
    let before = tree_root(&rollup);
    for (bytes, _) in &bad {
        rollup.message(bytes);
    }
    let posted = rollup.batch(&[], 0);
    let found: Vec<Status> = posted.messages.iter().map(|receipt| receipt.status).collect();
    assert_eq!(found, bad.map(|(_, status)| status));
    assert_eq!(tree_root(&rollup), before);
    assert_eq!(posted.commitment.messages_consumed, rollup.target);
}

#[test]
fn a_forced_transaction_above_the_message_gas() {
    let (mut rollup, mut wallets) = funded(1);
    rollup.config.message_gas = 299;
    let transaction = wallets[0].sign(CHAIN, &exit(COIN, 1));
    rollup.message(&message(2, &address(1), &transaction));
    rollup.message(&message(3, &wallets[0].address, &action(&exit(COIN, 1))));
    let posted = rollup.batch(&[], 0);
    assert!(posted.messages.iter().all(|receipt| receipt.status == Status::AboveMessageGas));
}

#[test]
fn malformed_batch_data() {
    let (mut rollup, mut wallets) = funded(1);
    let good = block(5, &[wallets[0].sign(CHAIN, &send(address(1), 5))]);
    let mut data = vec![1];
    data.extend(&good);
    // what follows a cut, and a cut itself, is nothing
    for cut in [1, 5, 11, 13, data.len() - 1] {
        assert_eq!(rollup.batch_of(&data[..cut].to_vec(), &[], 0).commitment.transactions, 0);
    }
    let mut version = data.clone();
    version[0] = 2;
    assert_eq!(rollup.batch_of(&version, &[], 0).commitment.transactions, 0);
    assert_eq!(rollup.batch_of(&[], &[], 0).commitment.transactions, 0);
    // a message-only batch reads no data
    assert_eq!(rollup.batch_of(&data, &[], MESSAGE_ONLY).commitment.transactions, 0);
    // a whole block before garbage counts
    let mut tail = data.clone();
    tail.extend([0xff; 9]);
    assert_eq!(rollup.batch_of(&tail, &[good], 0).commitment.transactions, 1);
}

#[test]
#[should_panic(expected = "no preimage")]
fn a_missing_node_never_reads_as_absent() {
    let (mut rollup, mut wallets) = funded(3);
    let root = tree_root(&rollup);
    rollup.host.preimages.borrow_mut().remove(&root.0);
    rollup.state = State::new();
    let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
    statuses(&mut rollup, &[transaction]);
}

#[test]
fn messages_of_all_three_kinds() {
    let (mut rollup, mut wallets) = funded(1);
    let signed = wallets[0].sign(CHAIN, &send(address(2), 10));
    rollup.message(&message(2, &address(0x99), &signed));
    // a call acts for its L1 sender, costs nothing and leaves the nonce alone
    rollup.message(&message(3, &wallets[0].address, &action(&send(address(3), 20))));
    let nft = Asset { kind: kind::ERC721, token: address(0x72), id: u(5) };
    rollup.message(&deposit(&nft, &u(1), &wallets[0].address));
    let multi = Asset { kind: kind::ERC1155, token: address(0x11), id: u(6) };
    rollup.message(&deposit(&multi, &u(44), &address(4)));
    let posted = rollup.batch(&[], 0);
    assert!(posted.messages.iter().all(|receipt| receipt.status == Status::Applied));
    assert_eq!(posted.commitment.transactions, 2);
    assert_eq!(coins(&mut rollup, &wallets[0].address), 1_000_000 - 30);
    assert_eq!(coins(&mut rollup, &address(3)), 20);
    assert_eq!(balance(&mut rollup, &wallets[0].address, &nft), 1);
    assert_eq!(balance(&mut rollup, &address(4), &multi), 44);
    let next = wallets[0].sign(CHAIN, &Action::SendAsset { asset: nft, to: address(5), amount: u(1) });
    assert_eq!(statuses(&mut rollup, &[next]), [Status::Applied]);
    assert_eq!(balance(&mut rollup, &address(5), &nft), 1);
}

#[test]
fn a_flood_of_ten_times_the_message_bound() {
    let (mut rollup, mut wallets) = funded(1);
    let consumed = rollup.target;
    for i in 0..640u64 {
        rollup.message(&deposit(&COIN, &u(1), &Wallet::new(i % 3).address));
    }
    // the hub moves the target by at most the bound; even when it doesn't, each batch takes exactly the bound, in order
    for round in 1..=10 {
        let transaction = wallets[0].sign(CHAIN, &send(address(2), 10));
        let posted = rollup.batch(&[block(1, &[transaction])], 0);
        assert_eq!(posted.messages.len(), 64);
        assert_eq!(posted.commitment.messages_consumed, consumed + 64 * round);
        assert_eq!(posted.blocks[0][0].status, Status::Applied, "transactions go on under a flood");
    }
    assert_eq!(rollup.batch(&[], 0).messages.len(), 0);
}

#[test]
fn a_target_of_another_chain_consumes_nothing() {
    let (mut rollup, _) = funded(1);
    let (target, head) = (rollup.target, rollup.head);
    rollup.message(&deposit(&COIN, &u(1), &address(1)));
    // the same length of history, but not this rollup's
    rollup.head = Hash::ZERO;
    rollup.target = 0;
    for _ in 0..=target {
        rollup.message(&deposit(&COIN, &u(2), &address(1)));
    }
    let posted = rollup.batch(&[], 0);
    assert_eq!(posted.commitment.messages_consumed, target);
    // nor does a target behind the cursor
    (rollup.target, rollup.head) = (target - 1, head);
    assert_eq!(rollup.batch(&[], 0).commitment.messages_consumed, target);
}

#[test]
fn a_full_batch_leaves_the_rest_for_the_next() {
    let (mut rollup, mut wallets) = funded(1);
    let transactions: Vec<_> = (0..20).map(|i| wallets[0].sign(CHAIN, &send(address(i + 1), 1))).collect();
    rollup.config.batch_gas = 1_000;
    let posted = rollup.batch(&[block(1, &transactions), block(2, &[])], 0);
    let done = posted.blocks[0].len();
    assert!(done > 2 && done < 20, "{done}");
    assert_eq!(posted.blocks.len(), 1, "a full batch takes no more blocks");
    assert_eq!(posted.commitment.transactions, done as u64);
    let rest = rollup.batch(&[block(1, &transactions[done..done + 2])], 0);
    assert_eq!(rest.commitment.transactions, done as u64 + 2);
    // without any gas for blocks, none is executed
    rollup.config.batch_gas = 0;
    assert_eq!(rollup.batch(&[block(1, &[])], 0).commitment.block, 2);
}

#[test]
fn precompile_is_asked_once_per_signature() {
    let (mut rollup, mut wallets) = funded(1);
    let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
    statuses(&mut rollup, &[transaction]);
    // once by the open batch, once by the run that checks it
    assert_eq!(*rollup.host.recoveries.borrow(), 2);
    assert!(rollup.host.precompile(1, 3_000, &[0; 128]).unwrap().is_empty());
}

#[test]
fn a_settlement_chain_with_dear_precompiles() {
    // a recovery costs 3,000 on Ethereum; some chains charge twice as much, and a fork may charge more
    let (mut rollup, mut wallets) = funded(1);
    for price in [3_000, 6_000, 30_000] {
        rollup.host.recovery_price = price;
        let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
        assert_eq!(statuses(&mut rollup, &[transaction]), [Status::Applied], "at {price} gas");
    }
}
