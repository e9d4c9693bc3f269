use super::encode;
use k256::ecdsa::SigningKey;
use ledger::transaction::Action;
use ledger::typed_data;
use rollworks_sdk::{keccak256, Address, Hash, U256};

/// A key and the next nonce it will sign with.
pub struct Wallet {
    key: SigningKey,
    pub address: Address,
    pub nonce: u64,
}

/// Order of secp256k1.
pub const ORDER: [u8; 32] =
    rollworks_sdk::bytes::hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141");

impl Wallet {
    /// The wallet of keccak256(number): the same key in every language's tests.
    pub fn new(number: u64) -> Wallet {
        let key = SigningKey::from_slice(&keccak256(&number.to_be_bytes()).0).unwrap();
        let point = key.verifying_key().to_encoded_point(false);
        let address = Address::from_word(&keccak256(&point.as_bytes()[1..]));
        Wallet { key, address, nonce: 0 }
    }

    pub fn secret(&self) -> [u8; 32] {
        self.key.to_bytes().into()
    }

    /// Signs with the next nonce and any fee.
    pub fn sign(&mut self, chain: u64, action: &Action) -> Vec<u8> {
        self.nonce += 1;
        self.sign_with(chain, action, &U256::MAX, self.nonce - 1)
    }

    pub fn sign_with(&self, chain: u64, action: &Action, max_fee: &U256, nonce: u64) -> Vec<u8> {
        let digest = self.digest(chain, action, max_fee, nonce);
        let (signature, recovery) = self.key.sign_prehash_recoverable(&digest.0).unwrap();
        let bytes = signature.to_bytes();
        let mut out = encode::action(action);
        out.extend(encode::uint(max_fee));
        out.extend(encode::uint(&U256::from(nonce as u128)));
        out.extend(bytes);
        let s = out.len() - 32;
        assert!(out[s] < 0x80, "signatures are made with low s");
        out[s] |= (recovery.is_y_odd() as u8) << 7;
        out
    }

    pub fn digest(&self, chain: u64, action: &Action, max_fee: &U256, nonce: u64) -> Hash {
        typed_data::digest(&typed_data::domain_separator(chain), action, max_fee, nonce)
    }
}
