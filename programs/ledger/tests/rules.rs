//! The rules one by one: what is skipped and why, then what is applied.

mod support;

use ledger::metadata;
use ledger::receipt::Status;
use ledger::state::{kind, Asset, State};
use ledger::transaction::Action;
use rollworks_sdk::exits::{leaf_hash, Frontier};
use rollworks_sdk::{keccak256, Address, Hash, Oracle, U256};
use support::rollup::{CHAIN, FEE_RECIPIENT};
use support::*;

const COIN: Asset = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
const ERC20: Asset = Asset { kind: kind::ERC20, token: Address([0x20; 20]), id: U256::ZERO };
const MESSAGE_ONLY: u8 = 1;
const SWEEP: u8 = 2;

/// A rollup on which wallets 0..count own a million coins and a thousand of an ERC-20 each.
fn funded(count: u64) -> (Rollup, Vec<Wallet>) {
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
fn statuses(rollup: &mut Rollup, transactions: &[Vec<u8>]) -> Vec<Status> {
    let posted = rollup.batch(&[block(5, transactions)], 0);
    posted.blocks[0].iter().map(|receipt| receipt.status).collect()
}

fn coins(rollup: &mut Rollup, owner: &Address) -> u128 {
    balance(rollup, owner, &COIN)
}

fn balance(rollup: &mut Rollup, owner: &Address, asset: &Asset) -> u128 {
    let mut state = State::new();
    state.tree.open(&tree_root(rollup));
    state.balance(&rollup.host, owner, asset).to_u128().unwrap()
}

fn state_root(rollup: &Rollup) -> Hash {
    let mut root = Hash::ZERO;
    root.0.copy_from_slice(&rollup.host.preimage(&rollup.parent)[..32]);
    root
}

fn tree_root(rollup: &Rollup) -> Hash {
    let mut root = Hash::ZERO;
    root.0.copy_from_slice(&rollup.host.preimage(&state_root(rollup))[..32]);
    root
}

/// Posts a transaction that must be skipped: nothing but the block's number may change.
fn assert_skipped(rollup: &mut Rollup, transaction: Vec<u8>, status: Status) {
    let before = state_root(rollup);
    assert_eq!(statuses(rollup, &[transaction]), [status]);
    assert_eq!(state_root(rollup), before, "{status:?} leaves no trace");
}

fn send(to: Address, amount: u128) -> Action<'static> {
    Action::SendCoin { to, amount: u(amount) }
}

fn exit(asset: Asset, amount: u128) -> Action<'static> {
    Action::Exit {
        asset,
        amount: u(amount),
        target_rollup: 0,
        to: address(7),
        fallback_to: address(8),
        data_hash: Hash([9; 32]),
    }
}

fn create(kind: u8, max_supply: u128, open_mint: bool) -> Action<'static> {
    Action::CreateAsset { kind, name: "Gold", symbol: "GLD", uri: "ipfs://gold/", max_supply, open_mint }
}

// ---- skipped

#[test]
fn malformed_bytes() {
    let (mut rollup, mut wallets) = funded(1);
    let good = wallets[0].sign(CHAIN, &send(address(1), 5));
    for length in 0..good.len() {
        assert!(ledger::transaction::decode_signed(&good[..length]).is_none(), "cut to {length} bytes");
    }
    let mut long = good.clone();
    long.push(0);
    assert_skipped(&mut rollup, long, Status::Malformed);
    let mut unknown = good.clone();
    unknown[0] = 9;
    assert_skipped(&mut rollup, unknown, Status::Malformed);
    assert_skipped(&mut rollup, vec![], Status::Malformed);
    // the amount 5 with a leading zero byte
    let mut padded = good.clone();
    padded.splice(21..23, [2, 0, 5]);
    assert_skipped(&mut rollup, padded, Status::Malformed);
    // 33 bytes of amount
    let mut wide = good.clone();
    wide.splice(21..23, [[33].as_slice(), &[1; 33]].concat());
    assert_skipped(&mut rollup, wide, Status::Malformed);
    // 1,025 bytes
    let mut huge = vec![3, 5, 0, 0];
    huge.extend(1_017u16.to_be_bytes());
    huge.resize(1_025, b'a');
    assert_skipped(&mut rollup, huge, Status::Malformed);
    // text that isn't UTF-8
    let mut text = wallets[0].sign(CHAIN, &create(5, 1, false));
    text[3] = 0xff;
    assert_skipped(&mut rollup, text, Status::Malformed);
    // a bool that is neither
    let mut flag = action(&create(5, 1, false));
    *flag.last_mut().unwrap() = 2;
    assert!(ledger::transaction::decode_unsigned(&flag).is_none());
}

#[test]
fn bad_signatures() {
    let (mut rollup, mut wallets) = funded(1);
    let good = wallets[0].sign(CHAIN, &send(address(1), 5));
    let r = good.len() - 64;
    let mut zero = good.clone();
    zero[r..].fill(0);
    assert_skipped(&mut rollup, zero, Status::BadSignature);
    let mut beyond = good.clone();
    beyond[r..r + 32].fill(0xff);
    assert_skipped(&mut rollup, beyond, Status::BadSignature);
}

#[test]
fn malleable_signature() {
    // the twin n − s with the other parity recovers the same key in the EVM; here it must not
    let (mut rollup, mut wallets) = funded(1);
    let mut twin = wallets[0].sign(CHAIN, &send(address(1), 5));
    let s = twin.len() - 32;
    let odd = twin[s] >> 7;
    twin[s] &= 0x7f;
    let low = U256::from_be_bytes(twin[s..].try_into().unwrap());
    let high = U256::from_be_bytes(&support::wallet::ORDER).checked_sub(&low).unwrap();
    twin[s..].copy_from_slice(&high.to_be_bytes());
    if twin[s] < 0x80 {
        twin[s] |= (1 - odd) << 7;
        assert_skipped(&mut rollup, twin, Status::BadSignature);
    } else {
        // its top bit collides with the parity's: what decodes is another s, of nobody with coins
        let status = statuses(&mut rollup, &[twin])[0];
        assert!(status == Status::BadSignature || status == Status::InsufficientCoin);
    }
}

#[test]
fn replay() {
    let (mut rollup, mut wallets) = funded(1);
    let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
    let all = statuses(&mut rollup, &[transaction.clone(), transaction.clone()]);
    assert_eq!(all, [Status::Applied, Status::WrongNonce]);
    assert_skipped(&mut rollup, transaction.clone(), Status::WrongNonce);
    // as a forced transaction too
    rollup.message(&message(2, &address(3), &transaction));
    assert_eq!(rollup.batch(&[], 0).messages[0].status, Status::WrongNonce);
    let ahead = wallets[0].sign_with(CHAIN, &send(address(1), 5), &U256::MAX, 7);
    assert_skipped(&mut rollup, ahead, Status::WrongNonce);
}

#[test]
fn replay_from_another_rollup() {
    let (mut rollup, wallets) = funded(1);
    let other = wallets[0].sign_with(CHAIN + 1, &send(address(1), 5), &U256::MAX, 0);
    // another chain id recovers a stranger, who owns nothing
    assert_skipped(&mut rollup, other, Status::InsufficientCoin);
}

#[test]
fn fees() {
    let (mut rollup, wallets) = funded(1);
    let fee = 200 * rollup.config.gas_price;
    let low = wallets[0].sign_with(CHAIN, &send(address(1), 5), &u(fee - 1), 0);
    assert_skipped(&mut rollup, low, Status::FeeTooHigh);
    let poor = Wallet::new(99).sign_with(CHAIN, &send(address(1), 5), &u(fee), 0);
    assert_skipped(&mut rollup, poor, Status::InsufficientCoin);
    let all = wallets[0].sign_with(CHAIN, &send(address(1), 1_000_000 - fee + 1), &u(fee), 0);
    assert_skipped(&mut rollup, all, Status::InsufficientCoin);
    let exact = wallets[0].sign_with(CHAIN, &send(address(1), 1_000_000 - fee), &u(fee), 0);
    assert_eq!(statuses(&mut rollup, &[exact]), [Status::Applied]);
    assert_eq!(coins(&mut rollup, &wallets[0].address), 0);
    assert_eq!(coins(&mut rollup, &FEE_RECIPIENT), fee);
}

#[test]
fn actions_that_fail() {
    let (mut rollup, mut wallets) = funded(2);
    let other = wallets[1].address;
    let token = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let nfts = metadata::asset_address(CHAIN, &wallets[0].address, 1);
    let setup = [
        wallets[0].sign(CHAIN, &create(5, 100, false)),
        wallets[0].sign(CHAIN, &create(6, 40, false)),
        wallets[0].sign(CHAIN, &Action::MintNft { collection: nfts, to: other, count: 32 }),
    ];
    assert_eq!(statuses(&mut rollup, &setup), [Status::Applied; 3]);
    let piece = |id| Asset { kind: kind::COLLECTION, token: nfts, id: u(id) };
    let erc20 = |id| Asset { id: u(id), ..ERC20 };
    let nowhere = Address::ZERO;
    let cases: [(Action, Status); 34] = [
        (send(other, 0), Status::WrongAmount),
        (send(nowhere, 1), Status::WrongRecipient),
        (Action::SendAsset { asset: ERC20, to: other, amount: u(1_001) }, Status::InsufficientBalance),
        (Action::SendAsset { asset: ERC20, to: other, amount: u(0) }, Status::WrongAmount),
        (Action::SendAsset { asset: erc20(1), to: other, amount: u(1) }, Status::WrongId),
        (Action::SendAsset { asset: ERC20, to: nowhere, amount: u(1) }, Status::WrongRecipient),
        (
            Action::SendAsset { asset: Asset { kind: 4, ..ERC20 }, to: other, amount: u(1) },
            Status::UnknownAsset,
        ),
        (
            Action::SendAsset { asset: Asset { kind: 8, ..ERC20 }, to: other, amount: u(1) },
            Status::UnknownAsset,
        ),
        (
            Action::SendAsset { asset: Asset { kind: 0, ..ERC20 }, to: other, amount: u(1) },
            Status::UnknownAsset,
        ),
        (Action::SendAsset { asset: piece(1), to: other, amount: u(1) }, Status::NotHolder),
        (Action::SendAsset { asset: piece(1), to: other, amount: u(2) }, Status::WrongAmount),
        (Action::SendAsset { asset: piece(99), to: other, amount: u(1) }, Status::NotHolder),
        (create(1, 1, false), Status::UnknownAsset),
        (create(8, 1, false), Status::UnknownAsset),
        (create(5, 0, false), Status::WrongAmount),
        (Action::Mint { token: address(9), id: u(0), to: other, amount: 1 }, Status::UnknownAsset),
        (Action::Mint { token: nfts, id: u(0), to: other, amount: 1 }, Status::UnknownAsset),
        (Action::Mint { token, id: u(1), to: other, amount: 1 }, Status::WrongId),
        (Action::Mint { token, id: u(0), to: nowhere, amount: 1 }, Status::WrongRecipient),
        (Action::Mint { token, id: u(0), to: other, amount: 0 }, Status::WrongAmount),
        (Action::Mint { token, id: u(0), to: other, amount: 101 }, Status::SupplyExceeded),
        (Action::MintNft { collection: token, to: other, count: 1 }, Status::UnknownAsset),
        (Action::MintNft { collection: nfts, to: nowhere, count: 1 }, Status::WrongRecipient),
        (Action::MintNft { collection: nfts, to: other, count: 0 }, Status::WrongAmount),
        (Action::MintNft { collection: nfts, to: other, count: 33 }, Status::WrongAmount),
        (Action::MintNft { collection: nfts, to: other, count: 9 }, Status::SupplyExceeded),
        (Action::SetMinter { token: address(9), minter: other, allowance: 1 }, Status::UnknownAsset),
        (Action::SetMinter { token, minter: nowhere, allowance: 1 }, Status::WrongRecipient),
        (Action::Burn { token: ERC20.token, id: u(0), amount: u(1) }, Status::UnknownAsset),
        (Action::Burn { token, id: u(0), amount: u(1) }, Status::InsufficientBalance),
        (Action::Burn { token: nfts, id: u(1), amount: u(1) }, Status::NotHolder),
        (exit(ERC20, 1_001), Status::InsufficientBalance),
        (exit(piece(3), 1), Status::NotHolder),
        (exit(COIN, 0), Status::WrongAmount),
    ];
    for (action, status) in cases {
        let transaction = wallets[0].sign_with(CHAIN, &action, &U256::MAX, 3);
        assert_skipped(&mut rollup, transaction, status);
    }
    for action in [
        Action::Mint { token, id: u(0), to: other, amount: 1 },
        Action::MintNft { collection: nfts, to: other, count: 1 },
    ] {
        let transaction = wallets[1].sign_with(CHAIN, &action, &U256::MAX, 0);
        assert_skipped(&mut rollup, transaction, Status::NotMinter);
    }
    let grab = Action::SetMinter { token, minter: other, allowance: 1 };
    let transaction = wallets[1].sign_with(CHAIN, &grab, &U256::MAX, 0);
    assert_skipped(&mut rollup, transaction, Status::NotCreator);
    for (to, fallback_to) in [(nowhere, other), (other, nowhere)] {
        let action = Action::Exit {
            asset: COIN,
            amount: u(1),
            target_rollup: 0,
            to,
            fallback_to,
            data_hash: Hash::ZERO,
        };
        let transaction = wallets[0].sign_with(CHAIN, &action, &U256::MAX, 3);
        assert_skipped(&mut rollup, transaction, Status::WrongRecipient);
    }
}

#[test]
fn texts_too_long() {
    let (mut rollup, wallets) = funded(1);
    let letters = "a".repeat(257);
    let create = |kind, name, symbol, uri| {
        let (name, symbol, uri) = (&letters[..name], &letters[..symbol], &letters[..uri]);
        let action = Action::CreateAsset { kind, name, symbol, uri, max_supply: 1, open_mint: false };
        wallets[0].sign_with(CHAIN, &action, &U256::MAX, 0)
    };
    for (kind, name, symbol, uri) in [(5, 65, 0, 0), (5, 0, 17, 0), (5, 0, 0, 257), (6, 0, 0, 237)] {
        assert_skipped(&mut rollup, create(kind, name, symbol, uri), Status::TextTooLong);
    }
    assert_eq!(statuses(&mut rollup, &[create(5, 64, 16, 256)]), [Status::Applied]);
}

#[test]
fn a_balance_that_would_not_fit() {
    let (mut rollup, mut wallets) = funded(2);
    let huge = Asset { token: address(0x66), ..ERC20 };
    rollup.message(&deposit(&huge, &U256::MAX, &wallets[1].address));
    rollup.message(&deposit(&huge, &u(1), &wallets[0].address));
    rollup.batch(&[], 0);
    let action = Action::SendAsset { asset: huge, to: wallets[1].address, amount: u(1) };
    let transaction = wallets[0].sign(CHAIN, &action);
    assert_skipped(&mut rollup, transaction, Status::Overflow);
    // a deposit can't fail: it saturates
    rollup.message(&deposit(&huge, &u(1), &wallets[1].address));
    assert_eq!(rollup.batch(&[], 0).messages[0].status, Status::Applied);
}

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

// ---- applied

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

// ---- sweep

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

#[test]
fn precompile_is_asked_once_per_signature() {
    let (mut rollup, mut wallets) = funded(1);
    let transaction = wallets[0].sign(CHAIN, &send(address(1), 5));
    statuses(&mut rollup, &[transaction]);
    // once by the open batch, once by the run that checks it
    assert_eq!(*rollup.host.recoveries.borrow(), 2);
    assert!(rollup.host.precompile(1, 3_000, &[0; 128]).unwrap().is_empty());
}
