// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Asset, assetOf, BORN_FUNGIBLE, ERC20 as TOKEN, NATIVE} from "../../contracts/bridge/Asset.sol";
import {CanonicalBridge} from "../../contracts/bridge/CanonicalBridge.sol";
import {MirrorCode} from "../../contracts/bridge/EscrowKeeper.sol";
import {ExitHead, ExitLeaf} from "../../contracts/bridge/ExitLeaf.sol";
import {ExitPlace} from "../../contracts/bridge/ExitPlace.sol";
import {
    CommitmentFields,
    Consent,
    ExitProof,
    UnreadMessage
} from "../../contracts/bridge/ICanonicalBridge.sol";
import {Holding} from "../../contracts/bridge/IStateReader.sol";
import {MirrorERC1155} from "../../contracts/bridge/MirrorERC1155.sol";
import {MirrorERC20} from "../../contracts/bridge/MirrorERC20.sol";
import {MirrorERC721} from "../../contracts/bridge/MirrorERC721.sol";
import {RollupId} from "../../contracts/hub/RollupId.sol";
import {Status} from "../../contracts/hub/Status.sol";
import {MockInbox} from "../../contracts/mocks/bridge/MockInbox.sol";
import {MockForcedSender, MockReceiver} from "../../contracts/mocks/bridge/MockReceivers.sol";
import {MockStateReader} from "../../contracts/mocks/bridge/MockStateReader.sol";
import {MockERC20, MockTaxedERC20} from "../../contracts/mocks/bridge/MockTokens.sol";
import {Cheats} from "../foundry/Cheats.sol";
import {PlainTree} from "./ExitTree.t.sol";

/// Plays the users of three rollups that share a bridge, and the rollups' programs, which let out whatever they like. What each account
/// should hold is counted here, action by action; the fuzzer forgives reverts, so what breaks within one is noted in `broken`.
contract BridgeHandler is Cheats {
    uint256 public constant ROLLUPS = 3;
    /// 0 coins, 1 a plain token, 2 a taxed one, 3 … 5 the mirrors of what was born on rollup 1 … 3.
    uint256 public constant ASSETS = 6;
    uint256 private constant BORN = 6; // an exit of the rollup's own token
    uint256 private constant MOST_LEAVES = 24;
    uint256 private constant SLOT = 5;
    uint256 private constant CONSUMED = 1; // messages, of each rollup
    bytes32 private constant STATE = keccak256("state");
    bytes private constant METADATA = hex"015401540000"; // name T, symbol T, no URI

    CanonicalBridge public immutable bridge;
    MockInbox public immutable inbox = new MockInbox();
    MockERC20 private immutable _plain = new MockERC20();
    MockTaxedERC20 private immutable _taxed = new MockTaxedERC20();
    MockReceiver private immutable _moody = new MockReceiver();
    address[4] private _people = [address(0xa11ce), address(0xb0b), address(0xca01), address(_moody)];

    mapping(uint256 rollup => mapping(uint256 asset => uint256)) public held; // came in − went out [units]
    mapping(uint256 rollup => uint256) public minted; // the rollup's own token on L1 [units]
    mapping(uint256 asset => uint256) public donated;
    mapping(uint256 rollup => mapping(uint256 index => uint256)) private _timesPaid;
    mapping(uint256 rollup => ExitLeaf[]) private _leaves;
    mapping(uint256 rollup => bytes32[]) private _hashes;
    mapping(bytes32 owed => uint256) private _timesOwedPaid;
    mapping(string action => uint256) public effects; // how often it did something
    string public broken;

    constructor() {
        MirrorCode memory code = MirrorCode(
            address(new MirrorERC20()),
            address(new MirrorERC721()),
            address(new MirrorERC1155())
        );
        bridge = new CanonicalBridge(inbox, code);
        MockStateReader reader = new MockStateReader(STATE);
        for (uint256 rollup = 1; rollup <= ROLLUPS; ++rollup) {
            inbox.set(_id(rollup), Status.Active, false, address(0), address(reader));
            _commit(rollup);
            for (uint256 asset = 0; asset < 3; ++asset) _deposit(0, rollup, asset, 1e6);
        }
    }

    // ------------------------------------------------------------------------------------------------------- actions

    function deposit(uint256 who, uint256 rollup, uint256 asset, uint256 amount) external {
        _deposit(who % 3, bound(rollup, 1, ROLLUPS), asset % ASSETS, bound(amount, 1, 1e9));
    }

    /// The program of a rollup lets something out, whether it has it or not.
    function letOut(uint256 rollup, uint256 target, uint256 asset, uint256 amount, uint256 to) external {
        rollup = bound(rollup, 1, ROLLUPS);
        if (_leaves[rollup].length == MOST_LEAVES) return;
        // two in three go to L1
        target = target % 9 < ROLLUPS ? (target % 9) + 1 : 0;
        asset %= ASSETS + 1;
        Asset word = asset == BORN ? _born(rollup) : assetOf(asset == 0 ? NATIVE : TOKEN, tokenOf(asset));
        uint256 kind = uint256(Asset.unwrap(word)) >> 248;
        address receiver = _people[to % 4];
        ExitLeaf memory leaf = ExitLeaf({
            head: ExitHead.wrap(
                (1 << 248) | (kind << 232) | (target << 160) | uint160(uint256(Asset.unwrap(word)))
            ),
            id: 0,
            amount: bound(amount, 0, 1e6),
            l2Sender: receiver,
            to: receiver,
            fallbackTo: receiver,
            metadataHash: asset == BORN ? keccak256(METADATA) : bytes32(0),
            dataHash: 0
        });
        _leaves[rollup].push(leaf);
        _hashes[rollup].push(keccak256(abi.encodePacked(uint8(0), abi.encode(leaf))));
        _commit(rollup);
    }

    function exit(uint256 rollup, uint256 index) external {
        rollup = bound(rollup, 1, ROLLUPS);
        if (_leaves[rollup].length == 0) return;
        index %= _leaves[rollup].length;
        try
            bridge.exitWith(
                _leaves[rollup][index],
                PlainTree.proof(_hashes[rollup], index, 1),
                _proof(rollup, index),
                METADATA,
                ""
            )
        returns (bool isPaid) {
            if (isPaid) _notePaid(rollup, index, "exit");
        } catch {}
    }

    function exitRun(uint256 rollup, uint256 first, uint256 height) external {
        rollup = bound(rollup, 1, ROLLUPS);
        uint256 count = _leaves[rollup].length;
        uint256 length = 1 << (height % 5);
        if (count == 0) return;
        first = ((first % count) / length) * length;
        if (first + length > count) length = count - first;
        // the tail of the tree is a run as well, unless a shorter power of two begins there
        ExitLeaf[] memory leaves = new ExitLeaf[](length);
        bytes[] memory metadata = new bytes[](length);
        for (uint256 i = 0; i < length; ++i) {
            leaves[i] = _leaves[rollup][first + i];
            metadata[i] = METADATA;
        }
        bytes32[] memory siblings = PlainTree.proof(_hashes[rollup], first, length);
        try bridge.exitBatch(leaves, siblings, _proof(rollup, first), metadata) returns (uint256 paid) {
            for (uint256 i = 0; i < length; ++i)
                if ((paid >> i) & 1 == 1) _notePaid(rollup, first + i, "run");
        } catch {
            broken = "a run of honest proofs reverts";
        }
    }

    /// Whoever the exit belongs to sends it elsewhere.
    function exitTo(uint256 rollup, uint256 index, uint256 to) external {
        rollup = bound(rollup, 1, ROLLUPS);
        if (_leaves[rollup].length == 0) return;
        index %= _leaves[rollup].length;
        ExitLeaf memory leaf = _leaves[rollup][index];
        address owner = bridge.payeeOf(_id(rollup), index, _hashes[rollup][index]);
        bytes32[] memory siblings = PlainTree.proof(_hashes[rollup], index, 1);
        ExitProof memory proof = _proof(rollup, index);
        vm.prank(owner == address(0) ? leaf.to : owner);
        try bridge.exitTo(leaf, siblings, proof, METADATA, _people[to % 4], Consent(0, "")) returns (
            bool isPaid
        ) {
            if (isPaid) _notePaid(rollup, index, "exitTo");
        } catch {}
    }

    function move(uint256 rollup, uint256 index) external {
        rollup = bound(rollup, 1, ROLLUPS);
        if (_leaves[rollup].length == 0) return;
        index %= _leaves[rollup].length;
        ExitLeaf memory leaf = _leaves[rollup][index];
        bytes32[] memory siblings = PlainTree.proof(_hashes[rollup], index, 1);
        try bridge.move(leaf, siblings, _proof(rollup, index), METADATA, "") returns (bool isMoved, uint64) {
            if (!isMoved) return;
            _notePaid(rollup, index, "move");
            uint256 target = RollupId.unwrap(leaf.head.target());
            uint256 asset = _indexOf(leaf.head.asset());
            if (asset == BORN && target != rollup) held[target][2 + rollup] += leaf.amount;
            else if (asset == BORN) minted[rollup] -= leaf.amount;
            else if (asset == 2 + target) minted[target] -= leaf.amount;
            else held[target][asset] += leaf.amount;
        } catch {}
    }

    function front(uint256 rollup, uint256 index, uint256 who) external {
        rollup = bound(rollup, 1, ROLLUPS);
        if (_leaves[rollup].length == 0) return;
        index %= _leaves[rollup].length;
        ExitLeaf memory leaf = _leaves[rollup][index];
        uint256 asset = _indexOf(leaf.head.asset());
        if (asset > 1) return;
        _fund(who % 3, asset, leaf.amount);
        vm.prank(_people[who % 3]);
        uint256 value = asset == 0 ? leaf.amount : 0;
        try bridge.front{value: value}(_id(rollup), uint64(index), leaf, leaf.amount, Consent(0, "")) {
            ++effects["front"];
        } catch {}
    }

    /// Coins and tokens that come without a deposit.
    function donate(uint256 asset, uint256 amount) external {
        asset %= 3;
        amount = bound(amount, 1, 1e6);
        uint256 before = balanceOf(asset);
        _fund(0, asset, amount);
        if (asset == 0) new MockForcedSender{value: amount}(payable(address(bridge)));
        else {
            vm.prank(_people[0]);
            MockERC20(tokenOf(asset)).transfer(address(bridge), amount);
        }
        donated[asset] += balanceOf(asset) - before;
    }

    function changeMood(uint256 mood) external {
        _moody.set(MockReceiver.Mood(mood % 2), address(0), "");
    }

    /// A rollup dies; the first goes on.
    function kill(uint256 rollup, uint256 luck) external {
        if (luck % 8 != 0) return;
        rollup = bound(rollup, 2, ROLLUPS);
        address reader = inbox.stateReaderOf(_id(rollup));
        inbox.set(_id(rollup), Status.Escaped, false, address(0), reader);
    }

    /// Its last state owes whatever it says.
    function escape(uint256 rollup, uint256 who, uint256 asset, uint256 amount) external {
        rollup = bound(rollup, 2, ROLLUPS);
        asset %= ASSETS + 1;
        address owner = _people[who % 4];
        Asset word = asset == BORN ? _born(rollup) : assetOf(asset == 0 ? NATIVE : TOKEN, tokenOf(asset));
        amount = bound(amount, 1, 1e6);
        bytes memory proof = abi.encode(
            Holding(owner, word, 0, amount, asset == BORN ? keccak256(METADATA) : bytes32(0), false)
        );
        try bridge.escape(_id(rollup), _fields(rollup), proof, METADATA, owner, Consent(0, "")) {
            if (++_timesOwedPaid[keccak256(abi.encode(rollup, owner, word))] > 1)
                broken = "Bridge 3: a holding is paid twice";
            ++effects["escape"];
            _take(rollup, asset, amount);
        } catch {}
    }

    function refund(uint256 rollup, uint256 index) external {
        rollup = bound(rollup, 2, ROLLUPS);
        (uint64 count, , ) = inbox.inboxOf(_id(rollup));
        index %= count;
        (bytes memory message, UnreadMessage memory unread) = _unread(rollup, index, count);
        (Asset asset, uint256 amount, address owner) = _read(message);
        try bridge.refund(_id(rollup), _fields(rollup), unread, owner) {
            if (++_timesOwedPaid[keccak256(abi.encode(rollup, index))] > 1 || index < CONSUMED)
                broken = "Bridge 3: a deposit is given back twice, or was read";
            ++effects["refund"];
            _take(rollup, _indexOf(asset), amount);
        } catch {}
    }

    // ----------------------------------------------------------------------------------------------------- what holds

    function accountOf(uint256 rollup, uint256 asset) external view returns (uint256) {
        return bridge.balanceOf(_id(rollup), assetOf(asset == 0 ? NATIVE : TOKEN, tokenOf(asset)), 0);
    }

    /// What the bridge has of an asset.
    function balanceOf(uint256 asset) public view returns (uint256) {
        if (asset == 0) return address(bridge).balance;
        address token = tokenOf(asset);
        return token.code.length == 0 ? 0 : MockERC20(token).balanceOf(address(bridge));
    }

    function tokenOf(uint256 asset) public view returns (address) {
        if (asset == 0) return address(0);
        if (asset < 3) return asset == 1 ? address(_plain) : address(_taxed);
        return bridge.mirrorOf(_id(asset - 2), _born(asset - 2));
    }

    // ------------------------------------------------------------------------------------------------------- internals

    function _deposit(uint256 who, uint256 rollup, uint256 asset, uint256 amount) private {
        if (asset > 2) {
            if (tokenOf(asset).code.length == 0) return;
            uint256 most = MockERC20(tokenOf(asset)).balanceOf(_people[who]);
            if (most == 0) return;
            if (amount > most) amount = most;
        }
        _fund(who, asset, amount);
        uint256 before = balanceOf(asset);
        vm.prank(_people[who]);
        if (asset == 0) {
            try bridge.depositNative{value: amount}(_id(rollup), _people[who], "") {} catch {
                return;
            }
        } else {
            try bridge.deposit(_id(rollup), tokenOf(asset), amount, _people[who], "") {} catch {
                return;
            }
        }
        if (asset == 2 + rollup) minted[rollup] -= amount;
        else held[rollup][asset] += balanceOf(asset) - before;
    }

    /// Gives somebody what he is to spend, and the bridge the right to take it.
    function _fund(uint256 who, uint256 asset, uint256 amount) private {
        address person = _people[who];
        vm.deal(address(this), 1e24);
        if (asset == 0) return vm.deal(person, 1e24);
        if (asset == 1) _plain.mint(person, amount);
        if (asset == 2) _taxed.mint(person, amount);
        address token = tokenOf(asset);
        vm.prank(person);
        MockERC20(token).approve(address(bridge), amount);
    }

    function _notePaid(uint256 rollup, uint256 index, string memory by) private {
        ++effects[by];
        if (++_timesPaid[rollup][index] > 1) broken = "Bridge 3: an exit is paid twice";
        ExitLeaf memory leaf = _leaves[rollup][index];
        _take(rollup, _indexOf(leaf.head.asset()), leaf.amount);
    }

    function _take(uint256 rollup, uint256 asset, uint256 amount) private {
        if (asset == BORN) minted[rollup] += amount;
        else if (held[rollup][asset] < amount) broken = "Bridge 2: more goes out than came in";
        else held[rollup][asset] -= amount;
    }

    function _indexOf(Asset asset) private view returns (uint256 index) {
        if (asset.kind() == BORN_FUNGIBLE) return BORN;
        while (tokenOf(index) != asset.token()) ++index;
    }

    function _born(uint256 rollup) private pure returns (Asset) {
        return assetOf(BORN_FUNGIBLE, address(uint160(0xb0 + rollup)));
    }

    function _id(uint256 rollup) private pure returns (RollupId) {
        return RollupId.wrap(uint64(rollup));
    }

    function _commit(uint256 rollup) private {
        CommitmentFields memory fields = _fields(rollup);
        inbox.keep(_id(rollup), SLOT, keccak256(abi.encode(fields)));
    }

    function _fields(uint256 rollup) private view returns (CommitmentFields memory) {
        uint256 count = _hashes[rollup].length;
        bytes32 root = count == 0 ? bytes32(0) : PlainTree.root(_hashes[rollup], 0, count);
        bytes32 exitRoot = keccak256(abi.encodePacked(uint8(2), uint64(count), root));
        return CommitmentFields(STATE, exitRoot, bytes32(CONSUMED << 64));
    }

    function _proof(uint256 rollup, uint256 index) private view returns (ExitProof memory) {
        uint256 place = (SLOT << 192) | (rollup << 128) | (_hashes[rollup].length << 64) | index;
        return ExitProof(ExitPlace.wrap(place), STATE, bytes32(CONSUMED << 64));
    }

    function _unread(
        uint256 rollup,
        uint256 index,
        uint256 count
    ) private view returns (bytes memory message, UnreadMessage memory unread) {
        RollupId id = _id(rollup);
        message = inbox.messageOf(id, index);
        unread.index = uint64(index);
        unread.message = message;
        for (uint256 i = 0; i < index; ++i)
            unread.before = keccak256(abi.encode(unread.before, keccak256(inbox.messageOf(id, i))));
        uint256 end = (index / inbox.BOUND() + 1) * inbox.BOUND();
        if (end > count) end = count;
        unread.later = new bytes32[](end - index - 1);
        for (uint256 i = index + 1; i < end; ++i)
            unread.later[i - index - 1] = keccak256(inbox.messageOf(id, i));
    }

    /// Asset, amount and fallbackTo of a deposit's message.
    function _read(bytes memory message) private pure returns (Asset asset, uint256 amount, address owner) {
        // A deposit's message is 158 bytes at least; its fields stand at 22, 86 and 138.
        assembly ("memory-safe") {
            asset := mload(add(message, 54))
            amount := mload(add(message, 118))
            owner := shr(96, mload(add(message, 170)))
        }
    }
}
