// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {RollupId} from "../hub/RollupId.sol";
import {Asset, NATIVE} from "./Asset.sol";
import {Consents} from "./Consents.sol";
import {Escrow} from "./Escrow.sol";
import {ExitLeaf} from "./ExitLeaf.sol";
import {Consent, ICanonicalBridge} from "./ICanonicalBridge.sol";
import {Leaves} from "./Leaves.sol";
import {Payments} from "./Payments.sol";

/// Sells exits before they are final: the buyer becomes the leaf's payee, and escrow doesn't move.
abstract contract Sales is Leaves {
    /// @inheritdoc ICanonicalBridge
    function front(
        RollupId rollup,
        uint64 index,
        ExitLeaf calldata leaf,
        uint256 price,
        Consent calldata consent
    ) external payable locked {
        _requireToL1(leaf.head);
        Asset asset = leaf.head.asset();
        require(
            Escrow.isFungible(asset) && !leaf.head.isKeyOnly() && leaf.dataHash == 0,
            ExitNotForSale(rollup, index)
        );
        bytes32 leafHash = leaf.hash();
        (uint256 word, address payee) = _requireUnspent(rollup, index, leafHash);
        require(payee == address(0), ExitSoldAlready(rollup, index, payee));
        if (price < leaf.amount) {
            _requireConsent(
                leaf.to,
                Consents.sell(rollup, index, leafHash, price, consent.deadline),
                consent
            );
        }
        _leaves[_wordKey(rollup, index)] = word | (1 << (LONGEST_RUN + (index & (LONGEST_RUN - 1))));
        _payees[rollup][_saleKey(index, leafHash)] = msg.sender;
        emit ExitSold(rollup, index, leafHash, msg.sender, price);
        if (asset.kind() == NATIVE) {
            require(msg.value == price, PriceNotPaid(msg.value, price));
            require(
                Payments.sendNative(leaf.to, price, gasleft()),
                ExitPaymentFailed(rollup, index, leaf.to)
            );
        } else {
            require(msg.value == 0, PriceNotPaid(msg.value, 0));
            _payPrice(asset.token(), leaf.to, price);
        }
    }

    /// Pays the price of an exit with the buyer's tokens; the owner must get all of it.
    function _payPrice(address token, address owner, uint256 price) private {
        uint256 before = Payments.balanceOf(token, owner);
        require(Payments.pullToken(token, msg.sender, owner, price), DepositRefused(token, price));
        uint256 afterwards = Payments.balanceOf(token, owner);
        uint256 arrived = afterwards > before ? afterwards - before : 0;
        require(arrived >= price, PriceNotPaid(arrived, price));
    }
}
