//! What is applied: transfers, assets born here, exits.

mod support;

use ledger::metadata;
use ledger::receipt::Status;
use ledger::state::{kind, Asset};
use ledger::transaction::Action;
use rollworks_sdk::exits::{leaf_hash, Frontier};
use rollworks_sdk::{keccak256, Hash, U256};
use support::rollup::{CHAIN, FEE_RECIPIENT};
use support::scene::*;
use support::*;

#[test]
fn transfers() {
    let (mut rollup, mut wallets) = funded(2);
    rollup.config.gas_price = 1_000;
    let (alice, bob) = (wallets[0].address, wallets[1].address);
    let posted = {
        let transactions = [
            wallets[0].sign(CHAIN, &send(bob, 5)),
            wallets[0].sign(CHAIN, &send(alice, 7)),
            wallets[0].sign(CHAIN, &Action::SendAsset { asset: ERC20, to: bob, amount: u(1_000) }),
            wallets[1].sign(CHAIN, &Action::SendAsset { asset: ERC20, to: bob, amount: u(2_000) }),
        ];
        rollup.batch(&[block(1, &transactions[..2]), block(2, &transactions[2..])], 0)
    };
    let receipts = posted.blocks.concat();
    assert!(receipts.iter().all(|receipt| receipt.status == Status::Applied));
    assert_eq!(receipts[0].sender, alice);
    assert_eq!(receipts.iter().map(|receipt| receipt.gas).collect::<Vec<_>>(), [200, 200, 300, 300]);
    assert_eq!((posted.commitment.block, posted.commitment.transactions), (2, 4));
    assert_eq!(coins(&mut rollup, &alice), 1_000_000 - 5 - 700_000);
    assert_eq!(coins(&mut rollup, &bob), 1_000_000 + 5 - 300_000);
    assert_eq!(coins(&mut rollup, &FEE_RECIPIENT), 1_000_000);
    assert_eq!(balance(&mut rollup, &alice, &ERC20), 0);
    assert_eq!(balance(&mut rollup, &bob, &ERC20), 2_000);
}

#[test]
fn tokens_are_minted_by_right() {
    let (mut rollup, mut wallets) = funded(3);
    let token = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let asset = Asset { kind: kind::TOKEN, token, id: U256::ZERO };
    let (bob, carol) = (wallets[1].address, wallets[2].address);
    let mint = |amount| Action::Mint { token, id: U256::ZERO, to: carol, amount };
    let transactions = [
        wallets[0].sign(CHAIN, &create(5, 1_000, false)),
        wallets[0].sign(CHAIN, &mint(100)),
        wallets[0].sign(CHAIN, &Action::SetMinter { token, minter: bob, allowance: 50 }),
        wallets[1].sign(CHAIN, &mint(30)),
    ];
    assert_eq!(statuses(&mut rollup, &transactions), [Status::Applied; 4]);
    let over = wallets[1].sign_with(CHAIN, &mint(21), &U256::MAX, 1);
    assert_skipped(&mut rollup, over, Status::NotMinter);
    let transactions = [
        wallets[1].sign(CHAIN, &mint(20)),
        wallets[0].sign(CHAIN, &Action::SetMinter { token, minter: bob, allowance: u128::MAX }),
        wallets[1].sign(CHAIN, &mint(400)),
        wallets[1].sign(CHAIN, &mint(400)),
        wallets[0].sign(CHAIN, &Action::SetMinter { token, minter: bob, allowance: 0 }),
        wallets[2].sign(CHAIN, &Action::Burn { token, id: U256::ZERO, amount: u(950) }),
    ];
    assert_eq!(statuses(&mut rollup, &transactions), [Status::Applied; 6]);
    let refused = wallets[1].sign_with(CHAIN, &mint(1), &U256::MAX, wallets[1].nonce);
    assert_skipped(&mut rollup, refused, Status::NotMinter);
    assert_eq!(balance(&mut rollup, &carol, &asset), 0);
    // what is burned makes room again
    let again = wallets[0].sign(CHAIN, &mint(1_000));
    assert_eq!(statuses(&mut rollup, &[again]), [Status::Applied]);
}

#[test]
fn a_drop_that_anybody_mints() {
    let (mut rollup, mut wallets) = funded(3);
    let collection = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let create = wallets[0].sign(CHAIN, &create(6, 5, true));
    let mut transactions = vec![create];
    for wallet in &mut wallets[1..] {
        let to = wallet.address;
        transactions.push(wallet.sign(CHAIN, &Action::MintNft { collection, to, count: 2 }));
    }
    let posted = rollup.batch(&[block(1, &transactions)], 0);
    assert_eq!(posted.blocks[0][0].output, Hash::from_address(&collection));
    assert_eq!(posted.blocks[0][2].output, Hash::from_u64(2));
    let piece = |id| Asset { kind: kind::COLLECTION, token: collection, id: u(id) };
    assert_eq!(balance(&mut rollup, &wallets[2].address, &piece(3)), 1);
    let to = wallets[1].address;
    let more = wallets[1].sign_with(CHAIN, &Action::MintNft { collection, to, count: 2 }, &U256::MAX, 1);
    assert_skipped(&mut rollup, more, Status::SupplyExceeded);
    // a burned piece makes no room: ids are never used twice
    let burn = wallets[2].sign(CHAIN, &Action::Burn { token: collection, id: u(3), amount: u(1) });
    let last = wallets[1].sign(CHAIN, &Action::MintNft { collection, to, count: 1 });
    assert_eq!(statuses(&mut rollup, &[burn, last]), [Status::Applied; 2]);
    let none = wallets[1].sign_with(CHAIN, &Action::MintNft { collection, to, count: 1 }, &U256::MAX, 2);
    assert_skipped(&mut rollup, none, Status::SupplyExceeded);
}

#[test]
fn exits() {
    let (mut rollup, mut wallets) = funded(1);
    let owner = wallets[0].address;
    let collection = metadata::asset_address(CHAIN, &owner, 0);
    let piece = Asset { kind: kind::COLLECTION, token: collection, id: u(11) };
    let transactions = [
        wallets[0].sign(CHAIN, &create(6, 50, false)),
        wallets[0].sign(CHAIN, &Action::MintNft { collection, to: owner, count: 12 }),
        wallets[0].sign(CHAIN, &exit(COIN, 3)),
        wallets[0].sign(CHAIN, &exit(ERC20, 1_000)),
        wallets[0].sign(CHAIN, &exit(piece, 1)),
    ];
    let posted = rollup.batch(&[block(1, &transactions)], 0);
    assert!(posted.blocks[0].iter().all(|receipt| receipt.status == Status::Applied));
    assert_eq!(posted.blocks[0][4].output, Hash::from_u64(2));
    assert_eq!(balance(&mut rollup, &owner, &ERC20), 0);
    assert_eq!(balance(&mut rollup, &owner, &piece), 0);
    let mut frontier = Frontier::default();
    // twice: by the open batch, and by the run that checks it
    let exits = rollup.host.exits.borrow();
    assert_eq!(exits.len(), 6);
    for (index, leaf) in &exits[..3] {
        assert_eq!(frontier.append(leaf_hash(leaf[..].try_into().unwrap())), *index);
    }
    assert_eq!(posted.commitment.exit_root, frontier.exit_root());
    let leaf = &exits[2].1;
    assert_eq!(leaf[..4], [1, 0, 6, 0]);
    assert_eq!(leaf[12..32], collection.0);
    assert_eq!(leaf[63], 11);
    assert_eq!(leaf[108..128], owner.0);
    assert_eq!((leaf[159], leaf[191]), (7, 8));
    let text = metadata::encode(b"Gold", b"GLD", b"ipfs://gold/11");
    assert_eq!(leaf[192..224], keccak256(&text).0);
    assert_eq!(leaf[224..], [9; 32]);
}

#[test]
fn a_born_asset_comes_home() {
    let (mut rollup, mut wallets) = funded(1);
    let owner = wallets[0].address;
    let collection = metadata::asset_address(CHAIN, &owner, 0);
    let piece = Asset { kind: kind::COLLECTION, token: collection, id: u(0) };
    let transactions = [
        wallets[0].sign(CHAIN, &create(6, 1, false)),
        wallets[0].sign(CHAIN, &Action::MintNft { collection, to: owner, count: 1 }),
        wallets[0].sign(CHAIN, &exit(piece, 1)),
    ];
    assert_eq!(statuses(&mut rollup, &transactions), [Status::Applied; 3]);
    rollup.message(&deposit(&piece, &u(1), &address(5)));
    rollup.batch(&[], 0);
    assert_eq!(balance(&mut rollup, &address(5), &piece), 1);
}
