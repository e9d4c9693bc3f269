// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {ProgramEntry} from "./ProgramEntry.sol";

/// The parts that rollups are assembled from: programs and modules. Governance adds parts and marks them obsolete, so
/// that no new rollup takes them; it can never touch a rollup that exists.
interface ICatalogue {
    /// Emitted when a program is added.
    /// @param number its place in the catalogue, from 1
    event ProgramAdded(bytes32 indexed program, uint32 number, ProgramEntry entry);
    /// Emitted when no new rollup may take a program any more.
    event ProgramMarkedObsolete(bytes32 indexed program);
    /// Emitted at deployment for each module that is compiled in.
    /// @param kind 1 availability, 2 sequencing
    event ModuleAdded(address indexed module, uint8 kind, uint16 version);
    /// Emitted when no new rollup may take a module any more.
    event ModuleMarkedObsolete(address indexed module);
    /// Emitted when the governor proposes the next one; 0 takes a proposal back.
    event GovernorProposed(address indexed governor);
    /// Emitted when the proposed governor accepts, and at deployment, then with 0 as the previous one.
    event GovernorChanged(address indexed previous, address indexed governor);

    /// Raised when somebody else than the governor calls a verb of governance, or than the proposed one accepts. Call from `governor()`, or
    /// have it propose you.
    error CallerNotGovernor(address caller);
    /// Raised when the program is listed already. Nothing to do: `programEntry` says what is listed.
    error ProgramListed(bytes32 program);
    /// Raised when codeRoot isn't the [0, 2 MiB) subtree of memoryRoot0 by the siblings given. Take all of the entry from one build, as
    /// programs/artifacts/hashes.json has it.
    error CodeRootForeign(bytes32 computed, bytes32 memoryRoot0);
    /// Raised when L, the log2 of a run's steps, isn't one of 30, 33, … 45. Round the program's longest run up to the next of these.
    error StepsOutOfRange(uint256 logSteps);
    /// Raised when a program's genesis commitment is 0, which no state can have. Give the commitment of the program's first state.
    error GenesisZero();
    /// Raised when a program's batch gas is 0, so that no batch could do anything. Give the gas that one batch may use [gas of the
    /// program].
    error BatchGasZero();
    /// Raised when the state reader has no code. Deploy it first; 0 is for programs whose accounts own nothing.
    error StateReaderWithoutCode(address stateReader);

    /// Adds a program. The governor.
    /// @param siblings of the text's subtree (level 16), upwards
    function addProgram(
        ProgramEntry calldata entry,
        bytes32[11] calldata siblings
    ) external returns (bytes32 program);

    /// Marks a program obsolete: no new rollup takes it. The governor; it can't be undone.
    function markProgramObsolete(bytes32 program) external;

    /// Marks a module obsolete, likewise.
    function markModuleObsolete(address module) external;

    /// Proposes the next governor, who accepts. The governor; 0 takes the proposal back.
    function proposeGovernor(address next) external;

    /// Takes governance over. The proposed governor.
    function acceptGovernor() external;

    /// Returns who governs the catalogue.
    function governor() external view returns (address);

    /// Returns what a program's entry says; number 0 if it isn't listed.
    function programEntry(
        bytes32 program
    )
        external
        view
        returns (
            uint32 number,
            bool isObsolete,
            bool isResidual,
            uint8 logSteps,
            uint48 batchGas,
            bytes32 genesis,
            address stateReader
        );

    /// Returns what the catalogue says about a module; kind 0 if it isn't listed.
    function moduleEntry(address module) external view returns (uint8 kind, uint16 version, bool isObsolete);
}
