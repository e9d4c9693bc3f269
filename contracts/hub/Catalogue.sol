// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {HubState, ProgramSlot} from "./HubState.sol";
import {ICatalogue} from "./ICatalogue.sol";
import {IRollupHub} from "./IRollupHub.sol";
import {ProgramEntry} from "./ProgramEntry.sol";

/// What the hub stores about a program beside its genesis, in one word.
///
/// ```
///   0        isObsolete     1
///   1        isResidual     1
///   8 …  15  logSteps       8
///  16 …  63  batchGas      48
///  64 …  95  number        32
///  96 … 255  stateReader  160
/// ```
///
/// @dev Casts cut a field out of the word on purpose: what they drop are the other fields.
library Catalogue {
    uint8 internal constant AVAILABILITY = 1;
    uint8 internal constant SEQUENCING = 2;
    uint256 private constant OBSOLETE = 1;
    uint256 private constant RESIDUAL = 2;
    uint256 private constant MODULE_OBSOLETE = 1 << 24;

    /// See `ICatalogue.addProgram`.
    function addProgram(
        HubState storage hub,
        ProgramEntry calldata entry,
        bytes32[11] calldata siblings
    ) external returns (bytes32 program) {
        _requireGovernor(hub);
        program = keccak256(abi.encode(entry.codeRoot, entry.memoryRoot0, uint256(entry.entry)));
        require(!isListed(hub, program), ICatalogue.ProgramListed(program));
        bytes32 root = entry.codeRoot;
        for (uint256 i = 0; i < siblings.length; ++i) root = keccak256(abi.encode(root, siblings[i]));
        require(root == entry.memoryRoot0, ICatalogue.CodeRootForeign(root, entry.memoryRoot0));
        uint256 steps = entry.logSteps;
        require(steps >= 30 && steps <= 45 && steps % 3 == 0, ICatalogue.StepsOutOfRange(steps));
        require(entry.genesis != 0, ICatalogue.GenesisZero());
        require(entry.batchGas != 0, ICatalogue.BatchGasZero());
        address reader = entry.stateReader;
        require(reader == address(0) || reader.code.length != 0, ICatalogue.StateReaderWithoutCode(reader));
        uint32 next = ++hub.programCount;
        hub.programByNumber[next] = program;
        hub.programs[program] = ProgramSlot({
            genesis: entry.genesis,
            traits: (uint256(uint160(entry.stateReader)) << 96) |
                (uint256(next) << 64) |
                (uint256(entry.batchGas) << 16) |
                (steps << 8) |
                (entry.residual ? RESIDUAL : 0)
        });
        emit ICatalogue.ProgramAdded(program, next, entry);
    }

    function markProgramObsolete(HubState storage hub, bytes32 program) external {
        _requireGovernor(hub);
        require(isListed(hub, program), IRollupHub.ProgramUnknown(program));
        hub.programs[program].traits |= OBSOLETE;
        emit ICatalogue.ProgramMarkedObsolete(program);
    }

    function markModuleObsolete(HubState storage hub, address module) external {
        _requireGovernor(hub);
        require(hub.modules[module] != 0, IRollupHub.ModuleUnknown(module));
        hub.modules[module] |= MODULE_OBSOLETE;
        emit ICatalogue.ModuleMarkedObsolete(module);
    }

    function proposeGovernor(HubState storage hub, address next) external {
        _requireGovernor(hub);
        hub.nextGovernor = next;
        emit ICatalogue.GovernorProposed(next);
    }

    function acceptGovernor(HubState storage hub) external {
        require(msg.sender == hub.nextGovernor, ICatalogue.CallerNotGovernor(msg.sender));
        address previous = hub.governor;
        hub.governor = msg.sender;
        hub.nextGovernor = address(0);
        emit ICatalogue.GovernorChanged(previous, msg.sender);
    }

    /// Lists a module that is built into the hub.
    function addModule(HubState storage hub, address module, uint8 kind, uint16 version) internal {
        hub.modules[module] = uint256(kind) | (uint256(version) << 8);
        emit ICatalogue.ModuleAdded(module, kind, version);
    }

    /// Returns a program's traits; reverts if no new rollup may run it.
    function requireProgram(
        HubState storage hub,
        bytes32 program
    ) internal view returns (ProgramSlot storage found) {
        found = hub.programs[program];
        uint256 traits = found.traits;
        require(traits != 0, IRollupHub.ProgramUnknown(program));
        require(traits & OBSOLETE == 0, IRollupHub.ProgramObsolete(program));
    }

    /// Reverts if no new rollup may take the module for this.
    function requireModule(HubState storage hub, address module, uint8 kind) internal view {
        uint256 traits = hub.modules[module];
        require(traits != 0, IRollupHub.ModuleUnknown(module));
        require(uint8(traits) == kind, IRollupHub.ModuleKindWrong(module, uint8(traits), kind));
        require(traits & MODULE_OBSOLETE == 0, IRollupHub.ModuleObsolete(module));
    }

    function isListed(HubState storage hub, bytes32 program) internal view returns (bool) {
        return hub.programs[program].traits != 0; // a number is never 0
    }

    function number(uint256 traits) internal pure returns (uint32) {
        return uint32(traits >> 64);
    }

    function logSteps(uint256 traits) internal pure returns (uint8) {
        return uint8(traits >> 8);
    }

    function batchGas(uint256 traits) internal pure returns (uint48) {
        return uint48(traits >> 16);
    }

    function stateReader(uint256 traits) internal pure returns (address) {
        return address(uint160(traits >> 96));
    }

    /// See `ICatalogue.programEntry`.
    function programEntry(
        HubState storage hub,
        bytes32 program
    ) internal view returns (uint32, bool, bool, uint8, uint48, bytes32, address) {
        uint256 traits = hub.programs[program].traits;
        return (
            number(traits),
            traits & OBSOLETE != 0,
            traits & RESIDUAL != 0,
            logSteps(traits),
            batchGas(traits),
            hub.programs[program].genesis,
            stateReader(traits)
        );
    }

    /// See `ICatalogue.moduleEntry`.
    function moduleEntry(
        HubState storage hub,
        address module
    ) internal view returns (uint8 kind, uint16 version, bool isObsolete) {
        uint256 traits = hub.modules[module];
        return (uint8(traits), uint16(traits >> 8), traits & MODULE_OBSOLETE != 0);
    }

    function _requireGovernor(HubState storage hub) private view {
        require(msg.sender == hub.governor, ICatalogue.CallerNotGovernor(msg.sender));
    }
}
