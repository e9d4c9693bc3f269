//! The rules. Every action checks all it needs before it writes anything, so that what is skipped leaves no trace.

use crate::metadata;
use crate::receipt::{Receipt, Status};
use crate::run::{Run, PHASE_OPEN};
use crate::state::{kind, Account, Asset, Born};
use crate::transaction::{decode_signed, decode_unsigned, Action};
use crate::{typed_data, work};
use rollworks_sdk::exits::{leaf_hash, ExitLeaf};
use rollworks_sdk::{keccak256, Address, Hash, Oracle, Output, U256};

/// Pieces of a collection minted by one transaction, at most.
const MINT_LIMIT: u16 = 32;
/// An allowance that never shrinks.
const UNLIMITED: u128 = u128::MAX;

/// How a transaction came.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// In a block: signed, pays the fee.
    Block,
    /// By an L1 message: signed, free of the fee, its gas is metered on L1.
    Forced,
    /// By an L1 message of this account: neither signed nor counted by its nonce.
    Call(Address),
}

impl<O: Oracle> Run<'_, O> {
    /// Executes one transaction, or skips it.
    pub fn transaction(&mut self, bytes: &[u8], origin: Origin) -> Receipt {
        self.state.tree.charge(work::TRANSACTION);
        let mut sender = Address::ZERO;
        match self.attempt(bytes, origin, &mut sender) {
            Ok((gas, output)) => {
                self.session.transactions += 1;
                Receipt { status: Status::Applied, gas: gas as u32, sender, output }
            }
            Err(status) => Receipt::skipped(status, sender),
        }
    }

    fn attempt(&mut self, bytes: &[u8], origin: Origin, sender: &mut Address) -> Result<(u64, Hash), Status> {
        let (action, signed) = match origin {
            Origin::Call(caller) => {
                *sender = caller;
                (decode_unsigned(bytes).ok_or(Status::Malformed)?, None)
            }
            _ => {
                let (action, signed) = decode_signed(bytes).ok_or(Status::Malformed)?;
                (action, Some(signed))
            }
        };
        self.state.tree.charge(work::TEXT * action.text_length() as u64);
        check(self.session.phase == PHASE_OPEN, Status::Frozen)?;
        let gas = action.gas();
        let in_block = origin == Origin::Block;
        check(in_block || gas <= self.session.config.message_gas as u64, Status::AboveMessageGas)?;
        if let Some(signed) = &signed {
            let signer = typed_data::signer(self.oracle, &self.session.domain, &action, signed);
            *sender = signer.ok_or(Status::BadSignature)?;
        }
        let mut account = self.state.account(self.oracle, sender);
        let mut fee = U256::ZERO;
        if let Some(signed) = &signed {
            check(signed.nonce == account.nonce, Status::WrongNonce)?;
            account.nonce += 1;
            if in_block {
                fee = U256::product(self.session.config.gas_price, gas);
                check(fee <= signed.max_fee, Status::FeeTooHigh)?;
                account.coins = account.coins.checked_sub(&fee).ok_or(Status::InsufficientCoin)?;
            }
        }
        let output = self.apply(&action, sender, account)?;
        self.session.fees = self.session.fees.saturating_add(&fee);
        Ok((gas, output))
    }

    /// `account` is the sender's after nonce and fee, not yet written.
    fn apply(&mut self, action: &Action, sender: &Address, account: Account) -> Result<Hash, Status> {
        match *action {
            Action::SendCoin { to, amount } => {
                let coin = Asset { kind: kind::COIN, token: Address::ZERO, id: U256::ZERO };
                self.send(sender, account, &coin, &to, &amount)
            }
            Action::SendAsset { asset, to, amount } => self.send(sender, account, &asset, &to, &amount),
            Action::CreateAsset { .. } => self.create_asset(sender, account, action),
            Action::Mint { token, id, to, amount } => self.mint(sender, account, &token, id, &to, amount),
            Action::MintNft { collection, to, count } => {
                self.mint_nft(sender, account, &collection, &to, count)
            }
            Action::SetMinter { token, minter, allowance } => {
                let born = self.state.born(self.oracle, &token).ok_or(Status::UnknownAsset)?;
                check(born.creator == *sender, Status::NotCreator)?;
                check(minter != Address::ZERO, Status::WrongRecipient)?;
                self.state.set_account(self.oracle, sender, &account);
                self.state.set_allowance(self.oracle, &token, &minter, allowance);
                Ok(Hash::ZERO)
            }
            Action::Burn { token, id, amount } => self.burn(sender, account, &token, id, &amount),
            Action::Exit { asset, amount, target_rollup, to, fallback_to, data_hash } => {
                check(to != Address::ZERO && fallback_to != Address::ZERO, Status::WrongRecipient)?;
                self.debit(sender, account, &asset, &amount)?;
                let metadata_hash = self.metadata_hash(&asset);
                let (token, id, sender) = (asset.token, asset.id, *sender);
                let (flags, kind) = (0, asset.kind);
                let leaf = ExitLeaf {
                    flags,
                    kind,
                    target_rollup,
                    token,
                    id,
                    amount,
                    sender,
                    to,
                    fallback_to,
                    metadata_hash,
                    data_hash,
                };
                Ok(Hash::from_u64(self.append_exit(&leaf)))
            }
        }
    }

    fn send(
        &mut self,
        sender: &Address,
        account: Account,
        asset: &Asset,
        to: &Address,
        amount: &U256,
    ) -> Result<Hash, Status> {
        check(*to != Address::ZERO, Status::WrongRecipient)?;
        check(to == sender || self.fits(to, asset, amount), Status::Overflow)?;
        self.debit(sender, account, asset, amount)?;
        self.state.credit(self.oracle, to, asset, amount);
        Ok(Hash::ZERO)
    }

    /// Takes an amount from the sender and writes his account: the last check and the first write of an action.
    fn debit(
        &mut self,
        sender: &Address,
        mut account: Account,
        asset: &Asset,
        amount: &U256,
    ) -> Result<(), Status> {
        check(kind::is_known(asset.kind), Status::UnknownAsset)?;
        check(asset.kind != kind::COIN || asset.token == Address::ZERO, Status::UnknownAsset)?;
        check(kind::has_id(asset.kind) || asset.id.is_zero(), Status::WrongId)?;
        check(!amount.is_zero(), Status::WrongAmount)?;
        if kind::is_nft(asset.kind) {
            check(*amount == U256::ONE, Status::WrongAmount)?;
            check(self.state.holder(self.oracle, asset) == Some(*sender), Status::NotHolder)?;
            self.state.set_account(self.oracle, sender, &account);
            self.state.set_holder(self.oracle, asset, None);
        } else if asset.kind == kind::COIN {
            account.coins = account.coins.checked_sub(amount).ok_or(Status::InsufficientCoin)?;
            self.state.set_account(self.oracle, sender, &account);
        } else {
            let balance = self.state.balance(self.oracle, sender, asset);
            let rest = balance.checked_sub(amount).ok_or(Status::InsufficientBalance)?;
            self.state.set_account(self.oracle, sender, &account);
            self.state.set_balance(self.oracle, sender, asset, &rest);
        }
        Ok(())
    }

    /// Returns whether a balance can take an amount.
    fn fits(&mut self, to: &Address, asset: &Asset, amount: &U256) -> bool {
        kind::is_nft(asset.kind) || self.state.balance(self.oracle, to, asset).checked_add(amount).is_some()
    }

    fn create_asset(
        &mut self,
        sender: &Address,
        mut account: Account,
        action: &Action,
    ) -> Result<Hash, Status> {
        let Action::CreateAsset { kind, name, symbol, uri, max_supply, open_mint } = *action else {
            return Err(Status::Malformed);
        };
        check(kind::is_born(kind), Status::UnknownAsset)?;
        let uri_limit =
            if kind == kind::COLLECTION { metadata::COLLECTION_URI_LIMIT } else { metadata::URI_LIMIT };
        let short = name.len() <= metadata::NAME_LIMIT && symbol.len() <= metadata::SYMBOL_LIMIT;
        check(short && uri.len() <= uri_limit, Status::TextTooLong)?;
        check(max_supply > 0, Status::WrongAmount)?;
        let token = metadata::asset_address(self.session.config.l2_chain_id, sender, account.created);
        account.created += 1;
        self.state.set_account(self.oracle, sender, &account);
        let text = metadata::encode(name.as_bytes(), symbol.as_bytes(), uri.as_bytes());
        self.oracle.publish(Output::Preimage, &text);
        let metadata_hash = keccak256(&text);
        let born =
            Born { kind, creator: *sender, open_mint, supply: 0, max_supply, minted: 0, metadata_hash };
        self.state.set_born(self.oracle, &token, &born);
        Ok(Hash::from_address(&token))
    }

    fn mint(
        &mut self,
        sender: &Address,
        account: Account,
        token: &Address,
        id: U256,
        to: &Address,
        amount: u128,
    ) -> Result<Hash, Status> {
        let mut born = self.state.born(self.oracle, token).ok_or(Status::UnknownAsset)?;
        check(born.kind != kind::COLLECTION, Status::UnknownAsset)?;
        check(kind::has_id(born.kind) || id.is_zero(), Status::WrongId)?;
        check(*to != Address::ZERO, Status::WrongRecipient)?;
        check(amount > 0, Status::WrongAmount)?;
        let allowance = self.mint_right(&born, sender, token, amount)?;
        let room = born.max_supply.saturating_sub(born.supply);
        check(amount <= room, Status::SupplyExceeded)?;
        let asset = Asset { kind: born.kind, token: *token, id };
        check(self.fits(to, &asset, &U256::from(amount)), Status::Overflow)?;
        self.state.set_account(self.oracle, sender, &account);
        if let Some(rest) = allowance {
            self.state.set_allowance(self.oracle, token, sender, rest);
        }
        born.supply += amount;
        self.state.set_born(self.oracle, token, &born);
        self.state.credit(self.oracle, to, &asset, &U256::from(amount));
        Ok(Hash::ZERO)
    }

    fn mint_nft(
        &mut self,
        sender: &Address,
        account: Account,
        collection: &Address,
        to: &Address,
        count: u16,
    ) -> Result<Hash, Status> {
        let mut born = self.state.born(self.oracle, collection).ok_or(Status::UnknownAsset)?;
        check(born.kind == kind::COLLECTION, Status::UnknownAsset)?;
        check(*to != Address::ZERO, Status::WrongRecipient)?;
        check((1..=MINT_LIMIT).contains(&count), Status::WrongAmount)?;
        let allowance = self.mint_right(&born, sender, collection, count as u128)?;
        let room = born.max_supply.min(u64::MAX as u128).saturating_sub(born.minted as u128);
        check(count as u128 <= room, Status::SupplyExceeded)?;
        self.state.set_account(self.oracle, sender, &account);
        if let Some(rest) = allowance {
            self.state.set_allowance(self.oracle, collection, sender, rest);
        }
        let first = born.minted;
        born.minted += count as u64;
        born.supply += count as u128;
        self.state.set_born(self.oracle, collection, &born);
        self.state.tree.charge(work::NFT * count as u64);
        for id in first..born.minted {
            let asset = Asset { kind: kind::COLLECTION, token: *collection, id: U256::from(id as u128) };
            self.state.set_holder(self.oracle, &asset, Some(to));
        }
        Ok(Hash::from_u64(first))
    }

    /// Returns the minter's allowance afterwards if it changes.
    fn mint_right(
        &mut self,
        born: &Born,
        sender: &Address,
        token: &Address,
        amount: u128,
    ) -> Result<Option<u128>, Status> {
        if born.creator == *sender || born.open_mint {
            return Ok(None);
        }
        let allowance = self.state.allowance(self.oracle, token, sender);
        let rest = allowance.checked_sub(amount).ok_or(Status::NotMinter)?;
        Ok((allowance != UNLIMITED).then_some(rest))
    }

    fn burn(
        &mut self,
        sender: &Address,
        account: Account,
        token: &Address,
        id: U256,
        amount: &U256,
    ) -> Result<Hash, Status> {
        let mut born = self.state.born(self.oracle, token).ok_or(Status::UnknownAsset)?;
        let burned = amount.to_u128().ok_or(Status::InsufficientBalance)?;
        born.supply = born.supply.checked_sub(burned).ok_or(Status::InsufficientBalance)?;
        self.debit(sender, account, &Asset { kind: born.kind, token: *token, id }, amount)?;
        self.state.set_born(self.oracle, token, &born);
        Ok(Hash::ZERO)
    }

    /// Returns what an exit leaf says of the asset's name and URI: nothing for assets of L1.
    pub fn metadata_hash(&mut self, asset: &Asset) -> Hash {
        if !kind::is_born(asset.kind) {
            return Hash::ZERO;
        }
        let Some(born) = self.state.born(self.oracle, &asset.token) else { return Hash::ZERO };
        if born.kind != kind::COLLECTION {
            return born.metadata_hash;
        }
        metadata::piece_hash(self.oracle, &born.metadata_hash, &asset.id).unwrap_or_default()
    }

    /// Appends a leaf to the tree of exits and returns its index.
    pub fn append_exit(&mut self, leaf: &ExitLeaf) -> u64 {
        self.state.tree.charge(work::EXIT);
        let bytes = leaf.encode();
        let index = self.session.record.exits.append(leaf_hash(&bytes));
        let mut entry = [0; 8 + 256];
        entry[..8].copy_from_slice(&index.to_be_bytes());
        entry[8..].copy_from_slice(&bytes);
        self.oracle.publish(Output::Exit, &entry);
        index
    }
}

fn check(holds: bool, otherwise: Status) -> Result<(), Status> {
    if holds {
        Ok(())
    } else {
        Err(otherwise)
    }
}
