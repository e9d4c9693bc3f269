//! EIP-712: what a wallet shows and signs.

use crate::transaction::{Action, Signed};
use alloc::vec::Vec;
use rollworks_sdk::bytes::hex;
use rollworks_sdk::{keccak256, Address, Hash, Oracle, U256};

const ECRECOVER: u16 = 1;
/// What the precompile is offered: thirty times Ethereum's price, since what a settlement chain charges differs and may rise. Where it cost
/// more than is offered, every signature would be none in a dispute.
const ECRECOVER_GAS: u32 = 100_000;

/// Half the order of secp256k1, rounded down: a larger s is the malleable twin of a smaller one.
const HALF_ORDER: [u8; 32] = hex("7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0");

/// keccak256 of the types, which `tests::type_hashes` recomputes.
mod type_hash {
    use super::hex;

    pub const DOMAIN: [u8; 32] = hex("c2f8787176b8ac6bf7215b4adcc1e069bf4ab82d9ab1df05a57a91d425935b6e");
    pub const SEND_COIN: [u8; 32] = hex("8beb054178552502e1c1684fcdb95df83ad27eaff8c2eb7c32e3221f6e2fd3ac");
    pub const SEND_ASSET: [u8; 32] = hex("a0223d492bf193c5dcd93deb16d5cf38fa1abd88a4549c8f6b275e29f8b3c150");
    pub const CREATE_ASSET: [u8; 32] =
        hex("526f4b21c2fe69935142d4191f961034095ad9c385082746f08f64dafbab5f5a");
    pub const MINT: [u8; 32] = hex("fe60f5dc31cf2f4dc5434628f6339aa63e5ff9b2a8c09d053423aa9a3983084f");
    pub const MINT_NFT: [u8; 32] = hex("390b640d072844af1ada5c7bb1006080b4f70fd83a7d686815e15123c7085edf");
    pub const SET_MINTER: [u8; 32] = hex("e6cd20968e2b0320cc9904d8c424567e2fadf15117418a8b56fcc6e15df8e6d8");
    pub const BURN: [u8; 32] = hex("b4bb8998b7da2d69850b14bf0ef6080300d8142e223ca9c67ebce7e709f6e2bd");
    pub const EXIT: [u8; 32] = hex("d7a3a62c5c4886b2e779fd52ea84a9554e5101b27c2bddde62afd6a92e1e4e24");
}

/// Returns the separator of a rollup's domain.
pub fn domain_separator(l2_chain_id: u64) -> Hash {
    let mut words = Words::new(&type_hash::DOMAIN);
    words.hash(&keccak256(b"Rollworks Ledger"));
    words.hash(&keccak256(b"1"));
    words.number(l2_chain_id);
    keccak256(&words.0)
}

/// Returns the hash that a wallet signs.
pub fn digest(domain: &Hash, action: &Action, max_fee: &U256, nonce: u64) -> Hash {
    let mut words = match action {
        Action::SendCoin { to, amount } => {
            let mut words = Words::new(&type_hash::SEND_COIN);
            words.address(to);
            words.amount(amount);
            words
        }
        Action::SendAsset { asset, to, amount } => {
            let mut words = Words::new(&type_hash::SEND_ASSET);
            words.number(asset.kind as u64);
            words.address(&asset.token);
            words.amount(&asset.id);
            words.address(to);
            words.amount(amount);
            words
        }
        Action::CreateAsset { kind, name, symbol, uri, max_supply, open_mint } => {
            let mut words = Words::new(&type_hash::CREATE_ASSET);
            words.number(*kind as u64);
            words.hash(&keccak256(name.as_bytes()));
            words.hash(&keccak256(symbol.as_bytes()));
            words.hash(&keccak256(uri.as_bytes()));
            words.amount(&U256::from(*max_supply));
            words.number(*open_mint as u64);
            words
        }
        Action::Mint { token, id, to, amount } => {
            let mut words = Words::new(&type_hash::MINT);
            words.address(token);
            words.amount(id);
            words.address(to);
            words.amount(&U256::from(*amount));
            words
        }
        Action::MintNft { collection, to, count } => {
            let mut words = Words::new(&type_hash::MINT_NFT);
            words.address(collection);
            words.address(to);
            words.number(*count as u64);
            words
        }
        Action::SetMinter { token, minter, allowance } => {
            let mut words = Words::new(&type_hash::SET_MINTER);
            words.address(token);
            words.address(minter);
            words.amount(&U256::from(*allowance));
            words
        }
        Action::Burn { token, id, amount } => {
            let mut words = Words::new(&type_hash::BURN);
            words.address(token);
            words.amount(id);
            words.amount(amount);
            words
        }
        Action::Exit { asset, amount, target_rollup, to, fallback_to, data_hash } => {
            let mut words = Words::new(&type_hash::EXIT);
            words.number(asset.kind as u64);
            words.address(&asset.token);
            words.amount(&asset.id);
            words.amount(amount);
            words.number(*target_rollup);
            words.address(to);
            words.address(fallback_to);
            words.hash(data_hash);
            words
        }
    };
    words.amount(max_fee);
    words.number(nonce);
    let mut bytes = [0; 66];
    bytes[..2].copy_from_slice(&[0x19, 0x01]);
    bytes[2..34].copy_from_slice(&domain.0);
    bytes[34..].copy_from_slice(&keccak256(&words.0).0);
    keccak256(&bytes)
}

/// Returns who signed, if the signature is one and its s is low.
pub fn signer(oracle: &impl Oracle, domain: &Hash, action: &Action, signed: &Signed) -> Option<Address> {
    if signed.s.0 > HALF_ORDER {
        return None;
    }
    let mut input = [0; 128];
    input[..32].copy_from_slice(&digest(domain, action, &signed.max_fee, signed.nonce).0);
    input[63] = 27 + signed.odd as u8;
    input[64..96].copy_from_slice(&signed.r.0);
    input[96..].copy_from_slice(&signed.s.0);
    let output = oracle.precompile(ECRECOVER, ECRECOVER_GAS, &input)?;
    let mut word = Hash::ZERO;
    if output.len() != word.0.len() {
        return None;
    }
    word.0.copy_from_slice(&output);
    Some(Address::from_word(&word))
}

/// The encoding of a struct: words in a row.
struct Words(Vec<u8>);

impl Words {
    fn new(type_hash: &[u8; 32]) -> Words {
        let mut words = Vec::with_capacity(11 * 32);
        words.extend_from_slice(type_hash);
        Words(words)
    }

    fn hash(&mut self, hash: &Hash) {
        self.0.extend_from_slice(&hash.0);
    }

    fn address(&mut self, address: &Address) {
        self.hash(&Hash::from_address(address));
    }

    fn amount(&mut self, amount: &U256) {
        self.0.extend_from_slice(&amount.to_be_bytes());
    }

    fn number(&mut self, number: u64) {
        self.hash(&Hash::from_u64(number));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;

    #[test]
    fn type_hashes() {
        let tail = "uint256 maxFee,uint64 nonce";
        let types = [
            ("SendCoin(address to,uint256 amount,", type_hash::SEND_COIN),
            (
                "SendAsset(uint8 kind,address token,uint256 id,address to,uint256 amount,",
                type_hash::SEND_ASSET,
            ),
            (
                "CreateAsset(uint8 kind,string name,string symbol,string uri,uint128 maxSupply,bool openMint,",
                type_hash::CREATE_ASSET,
            ),
            ("Mint(address token,uint256 id,address to,uint128 amount,", type_hash::MINT),
            ("MintNft(address collection,address to,uint16 count,", type_hash::MINT_NFT),
            ("SetMinter(address token,address minter,uint128 allowance,", type_hash::SET_MINTER),
            ("Burn(address token,uint256 id,uint256 amount,", type_hash::BURN),
            (
                "Exit(uint8 kind,address token,uint256 id,uint256 amount,uint64 targetRollup,address to,address fallbackTo,bytes32 dataHash,",
                type_hash::EXIT,
            ),
        ];
        for (members, hash) in types {
            assert_eq!(keccak256(format!("{members}{tail})").as_bytes()).0, hash, "{members}");
        }
        let domain = b"EIP712Domain(string name,string version,uint256 chainId)";
        assert_eq!(keccak256(domain).0, type_hash::DOMAIN);
    }
}
