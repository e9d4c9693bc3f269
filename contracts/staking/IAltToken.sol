// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC6372} from "@openzeppelin/contracts/interfaces/IERC6372.sol";

/// @title ALT: the token that secures rollups.
/// @notice ERC-20 with permit (ERC-2612) and votes by delegation (ERC-5805) on a clock of seconds (ERC-6372). Ten billion were made
/// once; nobody can make more; whoever holds some can burn it.
/// @dev No hooks, no fees, no owner, no pause. Balances vote only once their holder has delegated, if only to himself.
/// @dev Warning: there is no history of the total supply: it never rises, so a quorum is a part of `CAP` or of what is left now.
interface IAltToken is IERC20Metadata, IERC20Permit, IERC6372 {
    /// Emitted when a holder has changed whom his balance votes through.
    event DelegateChanged(
        address indexed delegator,
        address indexed fromDelegate,
        address indexed toDelegate
    );
    /// Emitted when the votes of a delegate have changed. Both [ALT wei].
    event DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256 newVotes);

    /// Raised when a signature's deadline [s, inclusive] has passed. Sign anew.
    error SignatureExpired(uint256 deadline);
    /// Raised when a permit wasn't signed by the owner. Sign with his key, this chain, this token, his current nonce.
    error PermitSignerInvalid(address signer, address owner);
    /// Raised when votes are asked for now or in the future. Ask for an earlier second.
    error VotesNotSettled(uint256 time, uint256 clock);

    /// Returns the cap and first total supply [ALT wei].
    function CAP() external view returns (uint256);

    /// @notice Destroys `amount` [ALT wei] of the caller's balance.
    function burn(uint256 amount) external;

    /// @notice Lets the caller's balance, as it is and will be, vote through `delegatee`; zero: through nobody.
    function delegate(address delegatee) external;

    /// @notice The same by EIP-712 signature of `Delegation(address delegatee,uint256 nonce,uint256 expiry)`.
    /// @param expiry Last second at which the signature counts [s].
    function delegateBySig(
        address delegatee,
        uint256 nonce,
        uint256 expiry,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external;

    /// Returns whom an account votes through.
    function delegates(address account) external view returns (address);
    /// Returns the votes of a delegate now [ALT wei].
    function getVotes(address account) external view returns (uint256);
    /// Returns the votes of a delegate at the end of the second `time`, a past one [ALT wei].
    function getPastVotes(address account, uint256 time) external view returns (uint256);
}
