// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ExitTree} from "../../contracts/bridge/ExitTree.sol";
import {Cheats} from "../foundry/Cheats.sol";

/// The tree as RFC 6962 writes it down, recursively, without a thought for gas.
library PlainTree {
    function root(bytes32[] memory leaves, uint256 low, uint256 high) internal pure returns (bytes32) {
        if (high - low == 1) return leaves[low];
        uint256 middle = low + split(high - low);
        return keccak256(abi.encodePacked(uint8(1), root(leaves, low, middle), root(leaves, middle, high)));
    }

    /// The siblings of the subtree [first, first + length), from its level upwards.
    function proof(
        bytes32[] memory leaves,
        uint256 first,
        uint256 length
    ) internal pure returns (bytes32[] memory siblings) {
        bytes32[] memory downwards = new bytes32[](64);
        (uint256 low, uint256 high, uint256 depth) = (0, leaves.length, 0);
        while (high - low > length) {
            uint256 middle = low + split(high - low);
            if (first < middle) {
                downwards[depth++] = root(leaves, middle, high);
                high = middle;
            } else {
                downwards[depth++] = root(leaves, low, middle);
                low = middle;
            }
        }
        siblings = new bytes32[](depth);
        for (uint256 i; i < depth; ++i) siblings[i] = downwards[depth - 1 - i];
    }

    /// RFC 9162, 2.1.3.2, to the letter.
    function climb(
        bytes32 node,
        uint256 fn,
        uint256 count,
        bytes32[] memory siblings
    ) internal pure returns (bytes32) {
        uint256 sn = count - 1;
        for (uint256 i; i < siblings.length; ++i) {
            require(sn != 0);
            if (fn & 1 == 1 || fn == sn) {
                node = keccak256(abi.encodePacked(uint8(1), siblings[i], node));
                while (fn & 1 == 0 && fn != 0) (fn, sn) = (fn >> 1, sn >> 1);
            } else {
                node = keccak256(abi.encodePacked(uint8(1), node, siblings[i]));
            }
            (fn, sn) = (fn >> 1, sn >> 1);
        }
        require(sn == 0);
        return node;
    }

    /// The number of siblings of a leaf, from the recursion.
    function depth(uint256 index, uint256 count) internal pure returns (uint256 siblings) {
        for (; count > 1; ++siblings) {
            uint256 middle = split(count);
            if (index < middle) count = middle;
            else (index, count) = (index - middle, count - middle);
        }
    }

    function split(uint256 size) internal pure returns (uint256 half) {
        half = 1;
        while (half * 2 < size) half *= 2;
    }
}

contract ExitTreeDoor {
    function fromLeaf(
        bytes32 leafHash,
        uint256 index,
        uint256 count,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return ExitTree.rootFromLeaf(leafHash, index, count, siblings);
    }

    function fromRun(
        bytes32[] memory hashes,
        uint256 first,
        uint256 count,
        bytes32[] calldata siblings
    ) external pure returns (bytes32) {
        return ExitTree.rootFromRun(hashes, first, count, siblings);
    }
}

contract ExitTreeTest is Cheats {
    uint256 private constant MOST = 70;
    ExitTreeDoor private door;

    function setUp() public {
        door = new ExitTreeDoor();
    }

    /// Every index of every count up to 70 proves the plain root.
    function test_everyLeafOfEveryCount() public view {
        for (uint256 count = 1; count <= MOST; ++count) {
            bytes32[] memory leaves = _leaves(count, 7);
            bytes32 expected = PlainTree.root(leaves, 0, count);
            for (uint256 i; i < count; ++i) {
                bytes32 actual = door.fromLeaf(leaves[i], i, count, PlainTree.proof(leaves, i, 1));
                assertEq(actual, expected, "leaf");
            }
        }
    }

    /// Every aligned run, and every tail, of every count up to 70 proves the plain root.
    function test_everyRunOfEveryCount() public view {
        for (uint256 count = 1; count <= MOST; ++count) this.everyRun(count);
    }

    /// A frame of its own, so that memory starts afresh.
    function everyRun(uint256 count) external view {
        {
            bytes32[] memory leaves = _leaves(count, 8);
            bytes32 expected = PlainTree.root(leaves, 0, count);
            for (uint256 size = 1; size < 2 * count; size *= 2) {
                for (uint256 first; first < count; first += size) {
                    uint256 length = first + size <= count ? size : count - first;
                    bytes32[] memory siblings = PlainTree.proof(leaves, first, length);
                    bytes32 actual = door.fromRun(_slice(leaves, first, length), first, count, siblings);
                    assertEq(actual, expected, "run");
                }
            }
        }
    }

    /// A proof holds for one index and one count only, and for the leaf itself.
    function testFuzz_nothingElseIsProven(
        uint256 count,
        uint256 index,
        uint256 otherIndex,
        uint256 otherCount,
        bytes32 otherLeaf
    ) public view {
        count = bound(count, 1, MOST);
        index = bound(index, 0, count - 1);
        bytes32[] memory leaves = _leaves(count, 9);
        bytes32 expected = PlainTree.root(leaves, 0, count);
        bytes32[] memory siblings = PlainTree.proof(leaves, index, 1);
        if (otherLeaf != leaves[index])
            assertTrue(!_proves(otherLeaf, index, count, siblings, expected), "forged leaf");
        otherIndex = bound(otherIndex, 0, MOST);
        if (otherIndex != index)
            assertTrue(!_proves(leaves[index], otherIndex, count, siblings, expected), "forged index");
        otherCount = bound(otherCount, 0, 2 * MOST);
        // Another count may give the same shape above a leaf; the count is sealed beside the root, so the sealed roots must differ.
        if (otherCount != count) {
            bytes32 sealed_ = ExitTree.seal(expected, uint64(count));
            assertTrue(sealed_ != ExitTree.seal(expected, uint64(otherCount)), "forged count");
        }
    }

    /// In trees as deep as 64 levels, the shape is still that of the RFC's algorithm.
    function testFuzz_deepTrees(uint64 index, uint64 count, bytes32 leafHash, bytes32 seed) public view {
        vm.assume(count != 0);
        index = uint64(bound(index, 0, count - 1));
        bytes32[] memory siblings = new bytes32[](PlainTree.depth(index, count));
        for (uint256 i; i < siblings.length; ++i) siblings[i] = keccak256(abi.encode(seed, i));
        assertEq(
            door.fromLeaf(leafHash, index, count, siblings),
            PlainTree.climb(leafHash, index, count, siblings),
            "deep"
        );
    }

    /// A sibling too many, too few or changed doesn't prove.
    function testFuzz_brokenProofs(uint256 count, uint256 index, uint256 at, bytes32 junk) public view {
        count = bound(count, 2, MOST);
        index = bound(index, 0, count - 1);
        bytes32[] memory leaves = _leaves(count, 10);
        bytes32 expected = PlainTree.root(leaves, 0, count);
        bytes32[] memory siblings = PlainTree.proof(leaves, index, 1);
        at = bound(at, 0, siblings.length - 1);
        bytes32[] memory longer = new bytes32[](siblings.length + 1);
        bytes32[] memory shorter = new bytes32[](siblings.length - 1);
        for (uint256 i; i < siblings.length; ++i) {
            longer[i] = siblings[i];
            if (i < shorter.length) shorter[i] = siblings[i];
        }
        longer[siblings.length] = junk;
        assertTrue(!_proves(leaves[index], index, count, longer, expected), "longer");
        assertTrue(!_proves(leaves[index], index, count, shorter, expected), "shorter");
        if (junk != siblings[at]) {
            siblings[at] = junk;
            assertTrue(!_proves(leaves[index], index, count, siblings, expected), "changed");
        }
    }

    /// Runs that don't fill a subtree are refused, whatever the siblings.
    function testFuzz_misalignedRuns(
        uint256 count,
        uint256 first,
        uint256 length,
        bytes32[] calldata siblings
    ) public view {
        count = bound(count, 1, MOST);
        first = bound(first, 0, count);
        length = bound(length, 0, MOST);
        uint256 size = 1;
        while (size < length) size *= 2;
        bool isTail = first + length == count;
        bool isWhole = length == size && first + length <= count;
        vm.assume(length == 0 || first % size != 0 || !(isTail || isWhole));
        try door.fromRun(new bytes32[](length), first, count, siblings) {
            assertTrue(false, "misaligned run was taken");
        } catch (bytes memory reason) {
            assertEq(bytes32(bytes4(reason)), bytes32(ExitTree.RunNotAligned.selector), "reason");
        }
    }

    /// [an inner node for a leaf] It hashes with another prefix: no 65 or 257 bytes hash to the same.
    function test_secondPreimage_innerNodeIsNoLeaf() public view {
        bytes32[] memory leaves = _leaves(4, 11);
        bytes32 inner = PlainTree.root(leaves, 0, 2);
        bytes32[] memory siblings = new bytes32[](1);
        siblings[0] = PlainTree.root(leaves, 2, 4);
        // As a tree of two "leaves" the root is the same: only the sealed count, and the prefix of real leaves, tell them apart.
        bytes32 root = door.fromLeaf(inner, 0, 2, siblings);
        assertEq(root, PlainTree.root(leaves, 0, 4), "same root");
        assertTrue(ExitTree.seal(root, 2) != ExitTree.seal(root, 4), "other seal");
    }

    function _proves(
        bytes32 leaf,
        uint256 index,
        uint256 count,
        bytes32[] memory siblings,
        bytes32 expected
    ) private view returns (bool) {
        try door.fromLeaf(leaf, index, count, siblings) returns (bytes32 root) {
            return root == expected;
        } catch {
            return false;
        }
    }

    function _leaves(uint256 count, uint256 seed) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](count);
        for (uint256 i; i < count; ++i) leaves[i] = keccak256(abi.encode(seed, i));
    }

    function _slice(
        bytes32[] memory leaves,
        uint256 first,
        uint256 length
    ) private pure returns (bytes32[] memory slice) {
        slice = new bytes32[](length);
        for (uint256 i; i < length; ++i) slice[i] = leaves[first + i];
    }
}
