//! What is skipped, and why.

mod support;

use ledger::metadata;
use ledger::receipt::Status;
use ledger::state::{kind, Asset};
use ledger::transaction::Action;
use rollworks_sdk::{Address, Hash, U256};
use support::rollup::{CHAIN, FEE_RECIPIENT};
use support::scene::*;
use support::*;

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
