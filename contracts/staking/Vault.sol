// SPDX-License-Identifier: MIT
pragma solidity 0.8.28;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Allocation, Allocations} from "./Allocation.sol";
import {Day} from "./Day.sol";
import {IAltToken} from "./IAltToken.sol";
import {ILineBacking} from "./ILineBacking.sol";
import {IVault, Redistribution} from "./IVault.sol";
import {Pool, Pools} from "./Pool.sol";

/// @title The vault: ALT staked on operators, allocated by them to services, slashed by those.
/// @notice The door; the arithmetic is in `Pool.sol`.
/// @dev Trusts ALT to be a plain ERC-20, governance (the owner) to list honest services, and nobody else. Governance can only add
/// services; stake reaches one only through its operator's `allocate`.
/// Reentrancy: ALT is the only contract that is called, it calls nobody, and it is called last; the one call to a stranger, when a
/// contract consents to be a key, is static. So there is no guard.
/// Balances are never read: ALT sent here by mistake changes nothing (and is lost).
/// Invariants: docs/invariants.md, "Staking".
contract Vault is IVault, EIP712, Ownable2Step {
    using Pools for Pool;
    using Allocations for Allocation;

    struct Key {
        address operator;
        bool isRevoked;
    }

    struct Service {
        bool isListed;
        Redistribution redistribution;
        address recipient;
    }

    uint256 private constant BPS = 10_000;
    /// Part of the pool that the operator must own himself [bps].
    uint256 public constant SELF_BOND_BPS = 500;
    uint256 public constant LEAST_UNBONDING_DELAY = 1 days;
    uint256 public constant MOST_UNBONDING_DELAY = 60 days;
    bytes32 private constant KEY_CONSENT = keccak256("KeyConsent(address operator,address key)");

    IAltToken public immutable alt;
    address public immutable treasury;
    uint256 public immutable unbondingDelay;

    uint256 public treasuryDue;
    mapping(address operator => Pool) internal _pools;
    mapping(address key => Key) public keyOf;
    mapping(address service => Service) public serviceOf;

    constructor(
        IAltToken alt_,
        address governance,
        address treasury_,
        uint256 delay
    ) EIP712("Rollworks Vault", "1") Ownable(governance) {
        require(address(alt_) != address(0) && treasury_ != address(0), AddressIsZero());
        require(
            delay >= LEAST_UNBONDING_DELAY && delay <= MOST_UNBONDING_DELAY,
            UnbondingDelayInvalid(delay, LEAST_UNBONDING_DELAY, MOST_UNBONDING_DELAY)
        );
        alt = alt_;
        treasury = treasury_;
        unbondingDelay = delay;
    }

    // ------------------------------------------------------------------ operators

    /// @inheritdoc IVault
    function registerOperator(address key, bytes calldata consent) external {
        Pool storage pool = _pools[msg.sender];
        require(!pool.isKnown(), OperatorIsKnown(msg.sender));
        pool.magnitude = uint96(Pools.WHOLE); // fits: 10^27 < 2^90
        emit OperatorRegistered(msg.sender);
        _addKey(key, consent);
    }

    /// @inheritdoc IVault
    function addKey(address key, bytes calldata consent) external {
        _known(msg.sender);
        _addKey(key, consent);
    }

    /// @inheritdoc IVault
    function revokeKey(address key) external {
        Key storage entry = keyOf[key];
        require(entry.operator == msg.sender, KeyIsForeign(key, entry.operator));
        require(!entry.isRevoked, KeyIsRevoked(key));
        entry.isRevoked = true;
        emit KeyRevoked(msg.sender, key);
    }

    /// @inheritdoc IVault
    function allocate(address service, uint256 magnitude) external {
        Pool storage pool = _known(msg.sender);
        require(serviceOf[service].isListed, ServiceIsUnknown(service));
        _roll(pool);
        Allocation storage allocation = pool.allocations[service];
        uint256 others = pool.allocated - allocation.settle(block.timestamp);
        uint256 current = allocation.magnitude;
        others -= current;
        if (magnitude < current) {
            uint256 backing = pool.backingOf(magnitude);
            require(backing >= allocation.reserved, AllocationIsReserved(backing, allocation.reserved));
            uint256 effectiveAt = block.timestamp + unbondingDelay;
            allocation.isLowering = true;
            allocation.effectiveAt = uint40(effectiveAt); // fits for 34,000 years
            allocation.lowered = uint96(magnitude); // fits: below a uint96
            pool.allocated = uint96(others + current); // fits: at most what it was
            emit DeallocationStarted(msg.sender, service, magnitude, effectiveAt);
        } else {
            uint256 most = pool.magnitude - others;
            require(magnitude <= most, AllocationTooHigh(magnitude, most));
            allocation.isLowering = false;
            allocation.magnitude = uint96(magnitude); // fits: at most the pool's, a uint96
            pool.allocated = uint96(others + magnitude); // fits: the same
            emit Allocated(msg.sender, service, magnitude);
        }
    }

    // ------------------------------------------------------------------ stakers

    /// @inheritdoc IVault
    function deposit(address operator, uint256 amount) external returns (uint256 shares) {
        Pool storage pool = _living(operator);
        _roll(pool);
        shares = pool.deposit(msg.sender, amount);
        // The operator's own deposit only raises his part.
        if (msg.sender != operator) _requireSelfBond(pool, operator);
        emit Deposited(operator, msg.sender, amount, shares);
        alt.transferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IVault
    function unbond(address operator, uint256 shares) external returns (Day maturity) {
        Pool storage pool = _known(operator);
        _roll(pool);
        uint256 amount;
        uint256 q;
        (amount, q, maturity) = pool.unbond(msg.sender, shares, block.timestamp, unbondingDelay);
        if (msg.sender == operator && pool.reserving != 0 && !pool.isDead()) _requireSelfBond(pool, operator);
        emit Unbonded(operator, msg.sender, maturity, shares, amount, q);
    }

    /// @inheritdoc IVault
    function claim(address operator, address owner, Day maturity) external returns (uint256 amount) {
        require(maturity.start() <= block.timestamp, TicketImmature(block.timestamp, maturity.start()));
        Pool storage pool = _pools[operator];
        require(pool.tickets[owner][maturity] != 0, TicketUnknown(operator, owner, maturity));
        amount = pool.claim(owner, maturity);
        emit Claimed(operator, owner, maturity, amount);
        alt.transfer(owner, amount);
    }

    /// @inheritdoc IVault
    function roll(address operator) external {
        _roll(_known(operator));
    }

    // ------------------------------------------------------------------ services

    /// @inheritdoc ILineBacking
    function reserve(address key, uint256 amount) external returns (uint256) {
        return _back(key, amount);
    }

    /// @inheritdoc ILineBacking
    function confirm(address key) external returns (uint256) {
        return _back(key, 0);
    }

    /// @inheritdoc ILineBacking
    function release(address key, uint256 amount) external {
        address operator = _operatorOf(key);
        Pool storage pool = _pools[operator];
        _unreserve(pool, pool.allocations[msg.sender], amount);
        emit Released(operator, msg.sender, amount);
    }

    /// @inheritdoc ILineBacking
    function slash(address key, uint256 amount, address beneficiary) external returns (uint256 paid) {
        address operator = keyOf[key].operator;
        if (operator == address(0)) return 0;
        Pool storage pool = _pools[operator];
        _roll(pool);
        Allocation storage allocation = pool.allocations[msg.sender];
        _unreserve(pool, allocation, amount);
        uint256 taken;
        (paid, taken) = pool.slash(allocation, amount, block.timestamp);
        beneficiary = _recipient(msg.sender, beneficiary);
        uint256 redistributed = beneficiary == address(0) ? 0 : paid / 2; // Down: the odd wei is burned
        emit Slashed(operator, msg.sender, beneficiary, amount, paid, taken, redistributed);
        if (paid != 0) alt.burn(paid - redistributed);
        if (redistributed != 0) alt.transfer(beneficiary, redistributed);
    }

    /// @inheritdoc IVault
    function jail(address key) external {
        address operator = _operatorOf(key);
        _pools[operator].allocations[msg.sender].isJailed = true;
        emit Jailed(operator, msg.sender);
    }

    /// @inheritdoc IVault
    function unjail(address key) external {
        address operator = _operatorOf(key);
        _pools[operator].allocations[msg.sender].isJailed = false;
        emit Unjailed(operator, msg.sender);
    }

    /// @inheritdoc IVault
    function addService(
        address service,
        Redistribution redistribution,
        address recipient
    ) external onlyOwner {
        require(service != address(0), AddressIsZero());
        require(!serviceOf[service].isListed, ServiceIsKnown(service));
        require(
            (redistribution == Redistribution.Fixed) == (recipient != address(0)),
            RecipientInvalid(redistribution, recipient)
        );
        serviceOf[service] = Service(true, redistribution, recipient);
        emit ServiceAdded(service, redistribution, recipient);
    }

    /// @inheritdoc IVault
    function collectTreasury() external returns (uint256 amount) {
        amount = treasuryDue;
        treasuryDue = 0;
        emit TreasuryPaid(amount);
        alt.transfer(treasury, amount);
    }

    // ------------------------------------------------------------------ reads

    /// @inheritdoc IVault
    function poolOf(
        address operator
    )
        external
        view
        returns (uint256 active, uint256 shares, uint256 unbonding, uint256 magnitude, uint256 allocated)
    {
        Pool storage pool = _pools[operator];
        unbonding = pool.unbonding(block.timestamp);
        return (pool.active, pool.shares, unbonding, pool.magnitude, pool.allocated);
    }

    /// @inheritdoc IVault
    function stakeOf(address operator, address owner) external view returns (uint256 shares, uint256 amount) {
        Pool storage pool = _pools[operator];
        shares = pool.sharesOf[owner];
        amount = pool.shareValue(shares);
    }

    /// @inheritdoc IVault
    function ticketOf(
        address operator,
        address owner,
        Day maturity
    ) external view returns (uint256 q, uint256 amount) {
        Pool storage pool = _pools[operator];
        q = pool.tickets[owner][maturity];
        if (q != 0) amount = pool.ticketValue(q, maturity, block.timestamp);
    }

    /// @inheritdoc IVault
    function allocationOf(
        address operator,
        address service
    )
        external
        view
        returns (uint256 slashable, uint256 backing, uint256 reserved, uint256 effectiveAt, bool isJailed)
    {
        Allocation storage allocation = _pools[operator].allocations[service];
        slashable = allocation.slashable(block.timestamp);
        backing = allocation.backing();
        effectiveAt = allocation.isLowering ? allocation.effectiveAt : 0;
        return (slashable, backing, allocation.reserved, effectiveAt, allocation.isJailed);
    }

    /// @inheritdoc IVault
    function backingOf(address operator, address service) external view returns (uint256) {
        Pool storage pool = _pools[operator];
        return pool.isDead() ? 0 : pool.backingOf(pool.allocations[service].backing());
    }

    /// @inheritdoc IVault
    function magnitudeAt(address operator, uint256 time) external view returns (uint256) {
        return _known(operator).magnitudeAt(time);
    }

    /// @inheritdoc IVault
    function keyConsentHash(address operator, address key) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(KEY_CONSENT, operator, key)));
    }

    // ------------------------------------------------------------------ parts

    function _addKey(address key, bytes calldata consent) private {
        require(key != address(0), AddressIsZero());
        address holder = keyOf[key].operator;
        require(holder == address(0), KeyIsTaken(key, holder));
        require(
            key == msg.sender ||
                SignatureChecker.isValidSignatureNowCalldata(key, keyConsentHash(msg.sender, key), consent),
            KeyConsentInvalid(msg.sender, key)
        );
        keyOf[key] = Key(msg.sender, false);
        emit KeyAdded(msg.sender, key);
    }

    /// Opens (`amount` > 0) or refreshes lines of the calling service.
    function _back(address key, uint256 amount) private returns (uint256) {
        address operator = _operatorOf(key);
        require(!keyOf[key].isRevoked, KeyIsRevoked(key));
        Pool storage pool = _living(operator);
        Allocation storage allocation = pool.allocations[msg.sender];
        require(!allocation.isJailed, OperatorIsJailed(operator, msg.sender));
        _roll(pool);
        uint256 backing = pool.backingOf(allocation.backing());
        uint256 held = allocation.reserved;
        uint256 reserved = Math.saturatingAdd(held, amount);
        require(reserved <= backing, BackingTooLow(backing, reserved));
        _requireSelfBond(pool, operator);
        if (amount == 0) return unbondingDelay;
        if (held == 0) {
            require(pool.reserving != type(uint8).max, TooManyReservingServices(type(uint8).max));
            pool.reserving += 1;
        }
        allocation.reserved = uint96(reserved); // fits: ≤ backing ≤ active
        emit Reserved(operator, msg.sender, amount);
        return unbondingDelay;
    }

    function _unreserve(Pool storage pool, Allocation storage allocation, uint256 amount) private {
        if (allocation.reserved == 0) return;
        if (allocation.unreserve(amount) == 0) pool.reserving -= 1;
    }

    /// Brings rewards up to now; what no staker can get is the treasury's.
    function _roll(Pool storage pool) private {
        uint256 forfeited = pool.roll(block.timestamp);
        if (forfeited == 0) return;
        treasuryDue += forfeited;
        emit RewardForfeited(forfeited);
    }

    function _requireSelfBond(Pool storage pool, address operator) private view {
        uint256 stake = pool.active + pool.unbonding(block.timestamp);
        uint256 least = Math.ceilDiv(stake * SELF_BOND_BPS, BPS);
        uint256 own = pool.shareValue(pool.sharesOf[operator]);
        require(own >= least, SelfBondTooLow(own, least));
    }

    /// Returns who gets the half that isn't burned; zero for nobody. Never the vault itself: that would be lost.
    function _recipient(address service, address named) private view returns (address) {
        Service storage entry = serviceOf[service];
        address recipient = entry.redistribution == Redistribution.Named ? named : entry.recipient;
        return recipient == address(this) ? address(0) : recipient;
    }

    function _known(address operator) private view returns (Pool storage pool) {
        pool = _pools[operator];
        require(pool.isKnown(), OperatorIsUnknown(operator));
    }

    function _living(address operator) private view returns (Pool storage pool) {
        pool = _pools[operator];
        if (!pool.isDead()) return pool;
        require(pool.isKnown(), OperatorIsUnknown(operator));
        revert PoolIsDead(pool.magnitude, Pools.DEAD_BELOW);
    }

    function _operatorOf(address key) private view returns (address operator) {
        operator = keyOf[key].operator;
        require(operator != address(0), KeyIsUnknown(key));
    }
}
