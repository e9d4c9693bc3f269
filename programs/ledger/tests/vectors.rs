//! Writes `programs/vectors/*.json`, by which Solidity and TypeScript are tested. `UPDATE_VECTORS=1` writes, otherwise the
//! committed files must be what would be written.

mod support;

use ledger::metadata;
use ledger::receipt::Receipt;
use ledger::state::{kind, Asset, Paths};
use ledger::transaction::Action;
use rollworks_sdk::exits::{leaf_hash, node_hash, Frontier};
use rollworks_sdk::tree::Layout;
use rollworks_sdk::{keccak256, Address, Hash, U256};
use support::json::{bytes, list, number, text, Json};
use support::rollup::{Posted, CHAIN};
use support::*;

const COIN: Asset = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
const ERC20: Asset = Asset { kind: kind::ERC20, token: Address([0x20; 20]), id: U256::ZERO };
const ERC721: Asset = Asset { kind: kind::ERC721, token: Address([0x72; 20]), id: U256([5, 0, 0, 0]) };

fn check(name: &str, json: Json) {
    let path = format!("{}/../vectors/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = json.print();
    if std::env::var("UPDATE_VECTORS").is_ok() {
        std::fs::write(&path, text).unwrap();
    } else {
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == text, "{name}.json is out of date: UPDATE_VECTORS=1 cargo test --test vectors");
    }
}

/// Decimal, as EIP-712 values are written.
fn decimal(number: &U256) -> Json {
    match number.to_u128() {
        Some(number) => text(&number.to_string()),
        None => bytes(&number.to_be_bytes()),
    }
}

fn fields(action: &Action) -> Json {
    let address = |address: &Address| bytes(&address.0);
    Json::Object(match action {
        Action::SendCoin { to, amount } => {
            vec![("type", text("SendCoin")), ("to", address(to)), ("amount", decimal(amount))]
        }
        Action::SendAsset { asset, to, amount } => vec![
            ("type", text("SendAsset")),
            ("kind", number(asset.kind as u64)),
            ("token", address(&asset.token)),
            ("id", decimal(&asset.id)),
            ("to", address(to)),
            ("amount", decimal(amount)),
        ],
        Action::CreateAsset { kind, name, symbol, uri, max_supply, open_mint } => vec![
            ("type", text("CreateAsset")),
            ("kind", number(*kind as u64)),
            ("name", text(name)),
            ("symbol", text(symbol)),
            ("uri", text(uri)),
            ("maxSupply", decimal(&U256::from(*max_supply))),
            ("openMint", Json::Flag(*open_mint)),
        ],
        Action::Mint { token, id, to, amount } => vec![
            ("type", text("Mint")),
            ("token", address(token)),
            ("id", decimal(id)),
            ("to", address(to)),
            ("amount", decimal(&U256::from(*amount))),
        ],
        Action::MintNft { collection, to, count } => vec![
            ("type", text("MintNft")),
            ("collection", address(collection)),
            ("to", address(to)),
            ("count", number(*count as u64)),
        ],
        Action::SetMinter { token, minter, allowance } => vec![
            ("type", text("SetMinter")),
            ("token", address(token)),
            ("minter", address(minter)),
            ("allowance", decimal(&U256::from(*allowance))),
        ],
        Action::Burn { token, id, amount } => vec![
            ("type", text("Burn")),
            ("token", address(token)),
            ("id", decimal(id)),
            ("amount", decimal(amount)),
        ],
        Action::Exit { asset, amount, target_rollup, to, fallback_to, data_hash } => vec![
            ("type", text("Exit")),
            ("kind", number(asset.kind as u64)),
            ("token", address(&asset.token)),
            ("id", decimal(&asset.id)),
            ("amount", decimal(amount)),
            ("targetRollup", text(&target_rollup.to_string())),
            ("to", address(to)),
            ("fallbackTo", address(fallback_to)),
            ("dataHash", bytes(&data_hash.0)),
        ],
    })
}

#[test]
fn transactions() {
    let to = address(0xbb);
    let token = metadata::asset_address(CHAIN, &Wallet::new(0).address, 0);
    let actions = [
        Action::SendCoin { to, amount: u(0) },
        Action::SendCoin { to, amount: u(10u128.pow(18)) },
        Action::SendAsset { asset: ERC20, to, amount: U256::MAX },
        Action::SendAsset { asset: ERC721, to, amount: U256::ONE },
        Action::CreateAsset {
            kind: 6,
            name: "Æon",
            symbol: "",
            uri: "ipfs://drop/",
            max_supply: 1_200,
            open_mint: true,
        },
        Action::CreateAsset {
            kind: 5,
            name: "Gold",
            symbol: "GLD",
            uri: "",
            max_supply: u128::MAX,
            open_mint: false,
        },
        Action::Mint { token, id: u(256), to, amount: 77 },
        Action::MintNft { collection: token, to, count: 32 },
        Action::SetMinter { token, minter: to, allowance: u128::MAX },
        Action::Burn { token, id: U256::ZERO, amount: u(1 << 64) },
        Action::Exit {
            asset: ERC20,
            amount: u(1),
            target_rollup: u64::MAX,
            to,
            fallback_to: address(0xcc),
            data_hash: keccak256(b"data"),
        },
    ];
    let cases = actions.iter().enumerate().map(|(i, action)| {
        let wallet = Wallet::new(i as u64);
        let (max_fee, nonce) = (u(1 << (3 * i)), [0, 1, 255, 256, u64::MAX][i % 5]);
        let encoded = wallet.sign_with(CHAIN, action, &max_fee, nonce);
        let (read, _) = ledger::transaction::decode_signed(&encoded).unwrap();
        assert_eq!(read, *action);
        Json::Object(vec![
            ("privateKey", bytes(&wallet.secret())),
            ("signer", bytes(&wallet.address.0)),
            ("action", fields(action)),
            ("maxFee", decimal(&max_fee)),
            ("nonce", text(&nonce.to_string())),
            ("gas", number(action.gas())),
            ("unsigned", bytes(&support::action(action))),
            ("digest", bytes(&wallet.digest(CHAIN, action, &max_fee, nonce).0)),
            ("encoded", bytes(&encoded)),
            ("hash", bytes(&keccak256(&encoded).0)),
        ])
    });
    let json = Json::Object(vec![("chainId", text(&CHAIN.to_string())), ("transactions", list(cases))]);
    check("ledger.transactions", json);
}

/// PATH of RFC 6962, section 2.1.1, nearest sibling first.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() <= 1 {
        return Vec::new();
    }
    let split = leaves.len().next_power_of_two() / 2;
    let (mut path, other) = if index < split {
        (path(index, &leaves[..split]), root(&leaves[split..]))
    } else {
        (path(index - split, &leaves[split..]), root(&leaves[..split]))
    };
    path.push(other);
    path
}

fn root(leaves: &[Hash]) -> Hash {
    match leaves.len() {
        0 => Hash::ZERO,
        1 => leaves[0],
        n => {
            let split = n.next_power_of_two() / 2;
            node_hash(&root(&leaves[..split]), &root(&leaves[split..]))
        }
    }
}

#[test]
fn exits() {
    let mut rollup = Rollup::new();
    let mut wallets: Vec<Wallet> = (0..3).map(Wallet::new).collect();
    for wallet in &wallets {
        rollup.message(&deposit(&COIN, &u(1_000_000), &wallet.address));
        rollup.message(&deposit(&ERC20, &u(1_000), &wallet.address));
    }
    rollup.message(&deposit(&ERC721, &u(1), &wallets[0].address));
    let collection = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let token = metadata::asset_address(CHAIN, &wallets[0].address, 1);
    let to = wallets[1].address;
    let create = |kind| Action::CreateAsset {
        kind,
        name: "Drop",
        symbol: "DRP",
        uri: "ipfs://drop/",
        max_supply: 50,
        open_mint: true,
    };
    let transactions = [
        wallets[0].sign(CHAIN, &create(6)),
        wallets[0].sign(CHAIN, &create(5)),
        wallets[2].sign(CHAIN, &Action::MintNft { collection, to, count: 3 }),
        wallets[2].sign(CHAIN, &Action::Mint { token, id: U256::ZERO, to, amount: 50 }),
        wallets[1].sign(
            CHAIN,
            &Action::Exit {
                asset: ERC20,
                amount: u(9),
                target_rollup: 3,
                to,
                fallback_to: address(8),
                data_hash: keccak256(b"data"),
            },
        ),
    ];
    rollup.batch(&[block(1, &transactions)], 0);
    let swept = rollup.batch(&[], 3);
    assert_eq!(swept.commitment.phase, 2);
    let mut leaves: Vec<Vec<u8>> = Vec::new();
    for (index, leaf) in rollup.host.exits.borrow().iter() {
        if *index as usize == leaves.len() {
            leaves.push(leaf.clone());
        }
    }
    let hashes: Vec<Hash> = leaves.iter().map(|leaf| leaf_hash(leaf[..].try_into().unwrap())).collect();
    let mut frontier = Frontier::default();
    let mut trees = Vec::new();
    for count in 0..=hashes.len() {
        let proofs = (0..count).map(|index| {
            let path = path(index, &hashes[..count]);
            Json::Object(vec![
                ("index", number(index as u64)),
                ("siblings", list(path.iter().map(|hash| bytes(&hash.0)))),
            ])
        });
        trees.push(Json::Object(vec![
            ("count", number(count as u64)),
            ("root", bytes(&root(&hashes[..count]).0)),
            ("exitRoot", bytes(&frontier.exit_root().0)),
            ("proofs", list(proofs)),
        ]));
        if count < hashes.len() {
            frontier.append(hashes[count]);
        }
    }
    assert_eq!(swept.commitment.exit_root, frontier.exit_root());
    let leaves = leaves
        .iter()
        .zip(&hashes)
        .map(|(leaf, hash)| Json::Object(vec![("leaf", bytes(leaf)), ("hash", bytes(&hash.0))]));
    let pieces = (0..3).map(|id: u32| {
        let uri = format!("ipfs://drop/{id}");
        let encoded = metadata::encode(b"Drop", b"DRP", uri.as_bytes());
        Json::Object(vec![
            ("name", text("Drop")),
            ("symbol", text("DRP")),
            ("uri", text(&uri)),
            ("encoded", bytes(&encoded)),
            ("hash", bytes(&keccak256(&encoded).0)),
        ])
    });
    let json = Json::Object(vec![
        ("leaves", list(leaves)),
        ("trees", list(trees)),
        ("metadata", list(pieces)),
        ("collection", bytes(&collection.0)),
        ("commitment", bytes(&rollup.parent.0)),
        ("commitmentPreimage", bytes(&swept.commitment.encode())),
    ]);
    check("ledger.exits", json);
}

/// A proof as the encodings draw it: the leaf's entry, then bit and sibling from the root downwards.
fn proof(host: &Host, root: &Hash, sample: &[u8]) -> Json {
    let target = walk::path_bits(sample);
    let mut steps = Vec::new();
    let mut node = host.preimage(root);
    while node[0] == 1 {
        let bit = u16::from_be_bytes([node[1], node[2]]);
        let (left, right) = (Hash(node[3..35].try_into().unwrap()), Hash(node[35..].try_into().unwrap()));
        let (next, sibling) = if target[bit as usize] { (right, left) } else { (left, right) };
        steps.push(Json::Object(vec![("bit", number(bit as u64)), ("sibling", bytes(&sibling.0))]));
        node = host.preimage(&next);
    }
    let found = walk::path_bits(&node[1..]) == target;
    Json::Object(vec![
        ("present", Json::Flag(found)),
        ("key", bytes(sample)),
        ("path", bytes(&bit_bytes(&target))),
        ("entry", bytes(&node[1..])),
        ("steps", list(steps)),
    ])
}

fn bit_bytes(bits: &[bool]) -> Vec<u8> {
    bits.chunks(8).map(|byte| byte.iter().fold(0, |all, bit| all << 1 | *bit as u8)).collect()
}

#[test]
fn states() {
    let mut rollup = Rollup::new();
    let empty = rollup.host.preimage(&rollup.parent);
    let mut wallets: Vec<Wallet> = (0..8).map(Wallet::new).collect();
    for (i, wallet) in wallets.iter().enumerate() {
        rollup.message(&deposit(&COIN, &u(1_000_000 + i as u128), &wallet.address));
        rollup.message(&deposit(&ERC20, &u(1_000), &wallet.address));
    }
    rollup.message(&deposit(&ERC721, &u(1), &wallets[3].address));
    let token = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let owners: Vec<Address> = wallets.iter().map(|wallet| wallet.address).collect();
    let transactions = [
        wallets[0].sign(
            CHAIN,
            &Action::CreateAsset {
                kind: 5,
                name: "Gold",
                symbol: "GLD",
                uri: "",
                max_supply: 100,
                open_mint: false,
            },
        ),
        wallets[0].sign(CHAIN, &Action::SetMinter { token, minter: owners[1], allowance: 60 }),
        wallets[1].sign(CHAIN, &Action::Mint { token, id: U256::ZERO, to: owners[2], amount: 20 }),
        wallets[2].sign(
            CHAIN,
            &Action::Exit {
                asset: ERC20,
                amount: u(1_000),
                target_rollup: 0,
                to: owners[2],
                fallback_to: owners[2],
                data_hash: Hash::ZERO,
            },
        ),
    ];
    let posted = rollup.batch(&[block(1, &transactions)], 0);
    let host = &rollup.host;
    let state_root = posted.commitment.state_root;
    let words = host.preimage(&state_root);
    let tree_root = Hash(words[..32].try_into().unwrap());
    let record = host.preimage(&Hash(words[32..].try_into().unwrap()));
    let entries = walk::entries(host, &state_root);
    let mut keys: Vec<Vec<u8>> = entries.iter().map(|entry| key_of(entry).to_vec()).collect();
    // absent: a stranger's account, a balance that was emptied, an NFT nobody deposited
    let mut absent = vec![[&[0][..], &address(0x99).0].concat()];
    absent.push([&[1][..], &wallets[2].address.0, &[1], &ERC20.token.0, &[0; 32]].concat());
    absent.push([&[2][..], &[2], &ERC721.token.0, &U256::ONE.to_be_bytes()].concat());
    keys.extend(absent);
    let proofs = keys.iter().map(|key| proof(host, &tree_root, key));
    let json = Json::Object(vec![
        ("commitment", bytes(&rollup.parent.0)),
        ("commitmentPreimage", bytes(&posted.commitment.encode())),
        ("stateRoot", bytes(&state_root.0)),
        ("treeRoot", bytes(&tree_root.0)),
        ("record", bytes(&record)),
        ("genesis", bytes(&keccak256(&empty).0)),
        ("genesisPreimage", bytes(&empty)),
        ("wallets", list(wallets.iter().map(|wallet| bytes(&wallet.address.0)))),
        ("token", bytes(&token.0)),
        ("preimages", list(tree_nodes(host, &tree_root).iter().map(|node| bytes(node)))),
        ("proofs", list(proofs)),
    ]);
    check("ledger.state", json);
}

/// Returns the part of an entry that names it.
fn key_of(entry: &[u8]) -> &[u8] {
    let length = [21, 74, 54, 21, 41][entry[0] as usize];
    let key = &entry[..length];
    assert_eq!(Paths::path(key), Paths::path(entry));
    key
}

fn tree_nodes(host: &Host, root: &Hash) -> Vec<Vec<u8>> {
    let node = host.preimage(root);
    let mut nodes = vec![node.clone()];
    if node[0] == 1 {
        nodes.extend(tree_nodes(host, &Hash(node[3..35].try_into().unwrap())));
        nodes.extend(tree_nodes(host, &Hash(node[35..].try_into().unwrap())));
    }
    nodes
}

fn receipts(receipts: &[Receipt]) -> Json {
    list(receipts.iter().map(|receipt| bytes(&receipt.encode())))
}

/// Whole runs with everything they read, for WebAssembly, the emulator and the machine's references.
#[test]
fn runs() {
    let mut rollup = Rollup::new();
    let mut wallets: Vec<Wallet> = (0..4).map(Wallet::new).collect();
    for wallet in &wallets {
        rollup.message(&deposit(&COIN, &u(1_000_000), &wallet.address));
    }
    let mut cases = vec![run(&mut rollup, "deposits only", &[], 0)];
    let to = wallets[3].address;
    let transfers: Vec<Vec<u8>> =
        (0..3).map(|i| wallets[i].sign(CHAIN, &Action::SendCoin { to, amount: u(i as u128 + 1) })).collect();
    let mut bad = transfers[0].clone();
    bad[30] ^= 1;
    let blocks = [block(10, &transfers), block(11, &[transfers[0].clone(), bad, vec![1, 2, 3]])];
    cases.push(run(&mut rollup, "transfers, a replay, a flipped bit, garbage", &blocks, 0));
    let collection = metadata::asset_address(CHAIN, &wallets[0].address, 0);
    let create = Action::CreateAsset {
        kind: 6,
        name: "Drop",
        symbol: "DRP",
        uri: "ipfs://drop/",
        max_supply: 9,
        open_mint: true,
    };
    let home = Action::Exit {
        asset: COIN,
        amount: u(5),
        target_rollup: 0,
        to,
        fallback_to: to,
        data_hash: Hash::ZERO,
    };
    let forced = wallets[1].sign(CHAIN, &home);
    rollup.message(&message(2, &address(1), &forced));
    rollup.message(&message(3, &wallets[2].address, &action(&home)));
    rollup.message(&message(3, &wallets[2].address, &[0xff; 100]));
    let transactions = [
        wallets[0].sign(CHAIN, &create),
        wallets[1].sign(CHAIN, &Action::MintNft { collection, to, count: 4 }),
        wallets[2].sign(CHAIN, &home),
    ];
    cases.push(run(&mut rollup, "messages of all kinds, a drop, an exit", &[block(12, &transactions)], 0));
    rollup.config.batch_gas = 700;
    cases.push(run(&mut rollup, "a sweep begins", &[], 3));
    rollup.config.batch_gas = 400_000;
    cases.push(run(&mut rollup, "and ends", &[], 3));
    check("ledger.runs", Json::Object(vec![("runs", list(cases))]));
}

fn run(rollup: &mut Rollup, name: &'static str, blocks: &[Vec<u8>], flags: u8) -> Json {
    let parent = rollup.parent;
    rollup.host.reads.borrow_mut().clear();
    rollup.host.keys.borrow_mut().clear();
    let Posted { commitment, messages, blocks: done, input_hash, work } = rollup.batch(blocks, flags);
    let keys = rollup.host.keys.borrow();
    // what was read, and no more
    let read: Vec<Vec<u8>> =
        rollup.host.reads.borrow().iter().map(|hash| rollup.host.preimage(&Hash(*hash))).collect();
    Json::Object(vec![
        ("name", text(name)),
        ("inputHash", bytes(&input_hash.0)),
        ("parent", bytes(&parent.0)),
        ("config", bytes(&support::config(&rollup.config))),
        ("target", number(rollup.target)),
        ("targetHash", bytes(&rollup.head.0)),
        ("flags", number(flags as u64)),
        ("timestamp", number(commitment.timestamp)),
        ("blocks", list(blocks.iter().map(|block| bytes(block)))),
        ("commitment", bytes(&rollup.parent.0)),
        ("commitmentPreimage", bytes(&commitment.encode())),
        ("messageReceipts", receipts(&messages)),
        ("blockReceipts", list(done.iter().map(|block| receipts(block)))),
        ("work", number(work)),
        ("preimages", list(read.iter().map(|preimage| bytes(preimage)))),
        ("precompileKeys", list(keys.iter().map(|key| bytes(key)))),
    ])
}
