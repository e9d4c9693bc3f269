//! The inner loop: runs predecoded operations until one needs `Machine::step` or the steps run out.
//!
//! Steps aren't counted one by one. `budget` is an address such that `budget − at` is always eight times the steps that are
//! left: it stays as it is while operations follow each other and moves along with a taken jump. The loop looks at it at
//! jumps only, and stops when a run without a taken jump might overshoot.

use crate::arithmetic::*;
use crate::decode::{Kind, Operation, Text, OPERATION_SIZE};
use crate::hot::{BIAS, PAGE_TABLES, REGISTERS};
use crate::memory::PAGE_BITS;

/// The most steps of one call: it keeps the budget within 32 bits, and lets an engine that compiles in the background
/// switch to better code, which it does between calls.
pub const MOST_STEPS: u64 = 1 << 22;

/// Runs at most `steps` steps from `pc` (aligned, within the predecoded text) and returns the new pc and the steps made.
///
/// Expects `text.longest_run <= steps <= MOST_STEPS`. Nothing here ends the program or touches memory that isn't in the
/// page tables: whatever would stays undone, with pc on it.
#[inline(never)]
pub fn run(text: &Text, pc: u64, steps: u64) -> (u64, u64) {
    let operations = text.operations.as_ptr() as usize;
    let text_bytes = text.operations.len() as u64 * 4;
    let reserve = text.longest_run as usize * OPERATION_SIZE;
    let mut at = operations + pc as usize * (OPERATION_SIZE / 4);
    // What is left when the loop may no longer follow a jump is `reserve`, so `floor` is compared instead of `budget`.
    let mut floor = at.wrapping_add(steps as usize * OPERATION_SIZE - reserve);
    let start = floor.wrapping_sub(at);

    // SAFETY: `at` stays within `operations`: predecoding checked direct targets, `jump_to` checks indirect ones, and the
    // last operation is Slow. Register offsets are at most 31 · 8. A page table entry that isn't 0 leads to a page of our
    // own memory, and naturally aligned accesses don't cross pages. One thread.
    unsafe {
        macro_rules! operation {
            () => {
                *(at as *const Operation)
            };
        }
        macro_rules! register {
            ($field:ident) => {
                *((&raw mut REGISTERS) as *mut u8).add(operation!().$field as usize).cast::<u64>()
            };
        }
        macro_rules! next {
            () => {
                at += OPERATION_SIZE
            };
        }
        macro_rules! with_immediate {
            (|$a:ident, $b:ident| $result:expr) => {{
                let ($a, $b) = (register!(rs1), operation!().immediate as i64 as u64);
                register!(rd) = $result;
                next!();
            }};
        }
        macro_rules! with_registers {
            (|$a:ident, $b:ident| $result:expr) => {{
                let ($a, $b) = (register!(rs1), register!(rs2));
                register!(rd) = $result;
                next!();
            }};
        }
        macro_rules! jump {
            ($target:expr) => {{
                let target: usize = $target;
                floor = floor.wrapping_add(target).wrapping_sub(at).wrapping_sub(OPERATION_SIZE);
                at = target;
                if (floor.wrapping_sub(at) as isize) < 0 {
                    break;
                }
            }};
        }
        macro_rules! branch {
            (|$a:ident, $b:ident| $taken:expr) => {{
                let ($a, $b) = (register!(rs1), register!(rs2));
                if $taken {
                    jump!(at.wrapping_add(operation!().immediate as usize));
                } else {
                    next!();
                }
            }};
        }
        macro_rules! jump_to {
            ($address:expr) => {{
                let address: u64 = $address & !1;
                if address % 4 != 0 || address >= text_bytes {
                    break;
                }
                operations + address as usize * (OPERATION_SIZE / 4)
            }};
        }
        macro_rules! place {
            ($table:literal, $type:ty) => {{
                let address = register!(rs1).wrapping_add(operation!().immediate as i64 as u64);
                if address & (0xffff_ffff_0000_0000 | (core::mem::size_of::<$type>() as u64 - 1)) != 0 {
                    break;
                }
                let entry = *((&raw const PAGE_TABLES[$table]) as *const usize)
                    .add((address as u32 >> PAGE_BITS) as usize);
                if entry == 0 {
                    break;
                }
                (entry.wrapping_add(address as usize) as *mut u8).add(BIAS).cast::<$type>()
            }};
        }
        macro_rules! load {
            ($type:ty) => {{
                let place = place!(0, $type);
                register!(rd) = place.read() as i64 as u64;
                next!();
            }};
        }
        macro_rules! store {
            ($type:ty) => {{
                let place = place!(1, $type);
                place.write(register!(rs2) as $type);
                next!();
            }};
        }
        macro_rules! link {
            () => {
                ((at - operations) / (OPERATION_SIZE / 4)) as u64 + 4
            };
        }

        // The operations that also come in sequences.
        macro_rules! srli {
            () => {
                with_immediate!(|a, b| a >> (b & 63))
            };
        }
        macro_rules! slli {
            () => {
                with_immediate!(|a, b| a << (b & 63))
            };
        }
        macro_rules! or {
            () => {
                with_registers!(|a, b| a | b)
            };
        }
        macro_rules! xor {
            () => {
                with_registers!(|a, b| a ^ b)
            };
        }
        macro_rules! sd {
            () => {
                store!(u64)
            };
        }
        macro_rules! ld {
            () => {
                load!(i64)
            };
        }
        macro_rules! and {
            () => {
                with_registers!(|a, b| a & b)
            };
        }
        macro_rules! addi {
            () => {
                with_immediate!(|a, b| a.wrapping_add(b))
            };
        }
        macro_rules! bltu {
            () => {
                branch!(|a, b| a < b)
            };
        }
        macro_rules! bne {
            () => {
                branch!(|a, b| a != b)
            };
        }
        macro_rules! beq {
            () => {
                branch!(|a, b| a == b)
            };
        }
        macro_rules! add {
            () => {
                with_registers!(|a, b| a.wrapping_add(b))
            };
        }
        macro_rules! sltu {
            () => {
                with_registers!(|a, b| (a < b) as u64)
            };
        }
        macro_rules! mul {
            () => {
                with_registers!(|a, b| a.wrapping_mul(b))
            };
        }
        macro_rules! mulhu {
            () => {
                with_registers!(|a, b| mulhu(a, b))
            };
        }
        macro_rules! lbu {
            () => {
                load!(u8)
            };
        }
        macro_rules! li {
            () => {{
                register!(rd) = operation!().immediate as i64 as u64;
                next!();
            }};
        }

        // Operations that stand in the text one after the other, without a look at the table between them.
        macro_rules! in_turn {
            ($($operation:ident)*) => {{ $($operation!();)* }};
        }

        loop {
            let kind = operation!().kind;
            // Half of all operations of large programs are these three. A processor predicts far more branches of this sort
            // than targets of the table below: code of thousands of operations in a row runs half as fast again.
            if kind == Kind::Ld {
                ld!();
                continue;
            }
            if kind == Kind::Add {
                add!();
                continue;
            }
            if kind == Kind::Sd {
                sd!();
                continue;
            }
            match kind {
                Kind::Slow => break,
                Kind::Nop => next!(),
                Kind::Li => li!(),
                Kind::Addi => addi!(),
                Kind::Slti => with_immediate!(|a, b| ((a as i64) < b as i64) as u64),
                Kind::Sltiu => with_immediate!(|a, b| (a < b) as u64),
                Kind::Xori => with_immediate!(|a, b| a ^ b),
                Kind::Ori => with_immediate!(|a, b| a | b),
                Kind::Andi => with_immediate!(|a, b| a & b),
                Kind::Slli => slli!(),
                Kind::Srli => srli!(),
                Kind::Srai => with_immediate!(|a, b| (a as i64 >> (b & 63)) as u64),
                Kind::Addiw => with_immediate!(|a, b| sext32(a.wrapping_add(b))),
                Kind::Slliw => with_immediate!(|a, b| sext32(a << (b & 31))),
                Kind::Srliw => with_immediate!(|a, b| sext32((a as u32 >> (b & 31)) as u64)),
                Kind::Sraiw => with_immediate!(|a, b| (a as i32 >> (b & 31)) as u64),
                Kind::Add => add!(),
                Kind::Sub => with_registers!(|a, b| a.wrapping_sub(b)),
                Kind::Sll => with_registers!(|a, b| a << (b & 63)),
                Kind::Slt => with_registers!(|a, b| ((a as i64) < b as i64) as u64),
                Kind::Sltu => sltu!(),
                Kind::Xor => xor!(),
                Kind::Srl => with_registers!(|a, b| a >> (b & 63)),
                Kind::Sra => with_registers!(|a, b| (a as i64 >> (b & 63)) as u64),
                Kind::Or => or!(),
                Kind::And => and!(),
                Kind::Addw => with_registers!(|a, b| sext32(a.wrapping_add(b))),
                Kind::Subw => with_registers!(|a, b| sext32(a.wrapping_sub(b))),
                Kind::Sllw => with_registers!(|a, b| sext32(a << (b & 31))),
                Kind::Srlw => with_registers!(|a, b| sext32((a as u32 >> (b & 31)) as u64)),
                Kind::Sraw => with_registers!(|a, b| (a as i32 >> (b & 31)) as u64),
                Kind::Mul => mul!(),
                Kind::Mulh => with_registers!(|a, b| mulh(a, b)),
                Kind::Mulhsu => with_registers!(|a, b| mulhsu(a, b)),
                Kind::Mulhu => mulhu!(),
                Kind::Div => with_registers!(|a, b| div(a, b)),
                Kind::Divu => with_registers!(|a, b| divu(a, b)),
                Kind::Rem => with_registers!(|a, b| rem(a, b)),
                Kind::Remu => with_registers!(|a, b| remu(a, b)),
                Kind::Mulw => with_registers!(|a, b| sext32(a.wrapping_mul(b))),
                Kind::Divw => with_registers!(|a, b| divw(a, b)),
                Kind::Divuw => with_registers!(|a, b| divuw(a, b)),
                Kind::Remw => with_registers!(|a, b| remw(a, b)),
                Kind::Remuw => with_registers!(|a, b| remuw(a, b)),
                Kind::Lb => load!(i8),
                Kind::Lh => load!(i16),
                Kind::Lw => load!(i32),
                Kind::Ld => ld!(),
                Kind::Lbu => lbu!(),
                Kind::Lhu => load!(u16),
                Kind::Lwu => load!(u32),
                Kind::Sb => store!(u8),
                Kind::Sh => store!(u16),
                Kind::Sw => store!(u32),
                Kind::Sd => sd!(),
                Kind::Beq => beq!(),
                Kind::Bne => bne!(),
                Kind::Blt => branch!(|a, b| (a as i64) < b as i64),
                Kind::Bge => branch!(|a, b| a as i64 >= b as i64),
                Kind::Bltu => bltu!(),
                Kind::Bgeu => branch!(|a, b| a >= b),
                Kind::J => jump!(at.wrapping_add(operation!().immediate as usize)),
                Kind::Jal => {
                    register!(rd) = link!();
                    jump!(at.wrapping_add(operation!().immediate as usize));
                }
                Kind::Jr => {
                    let target = jump_to!(register!(rs1).wrapping_add(operation!().immediate as i64 as u64));
                    jump!(target);
                }
                Kind::Jalr => {
                    let target = jump_to!(register!(rs1).wrapping_add(operation!().immediate as i64 as u64));
                    register!(rd) = link!();
                    jump!(target);
                }
                Kind::SrliSlliOr => in_turn!(srli slli or),
                Kind::XorXorXor => in_turn!(xor xor xor),
                Kind::SdSdSd => in_turn!(sd sd sd),
                Kind::LdLdLd => in_turn!(ld ld ld),
                Kind::LdAddSd => in_turn!(ld add sd),
                Kind::AddSltuAdd => in_turn!(add sltu add),
                Kind::LdAddSltu => in_turn!(ld add sltu),
                Kind::LdLdAdd => in_turn!(ld ld add),
                Kind::SltuLdAdd => in_turn!(sltu ld add),
                Kind::XorXor => in_turn!(xor xor),
                Kind::LdXor => in_turn!(ld xor),
                Kind::XorLd => in_turn!(xor ld),
                Kind::XorSd => in_turn!(xor sd),
                Kind::SdSd => in_turn!(sd sd),
                Kind::LdLd => in_turn!(ld ld),
                Kind::AndXor => in_turn!(and xor),
                Kind::OrXor => in_turn!(or xor),
                Kind::XorAnd => in_turn!(xor and),
                Kind::AddiAddi => in_turn!(addi addi),
                Kind::AddiBltu => in_turn!(addi bltu),
                Kind::AddiBne => in_turn!(addi bne),
                Kind::AddiBeq => in_turn!(addi beq),
                Kind::SlliAdd => in_turn!(slli add),
                Kind::SlliSrli => in_turn!(slli srli),
                Kind::AddSltu => in_turn!(add sltu),
                Kind::MulMulhu => in_turn!(mul mulhu),
                Kind::MulhuMul => in_turn!(mulhu mul),
                Kind::MulAdd => in_turn!(mul add),
                Kind::AddLd => in_turn!(add ld),
                Kind::AddLbu => in_turn!(add lbu),
                Kind::LdAdd => in_turn!(ld add),
                Kind::AddSd => in_turn!(add sd),
                Kind::SdLd => in_turn!(sd ld),
                Kind::SltuAdd => in_turn!(sltu add),
                Kind::SdMul => in_turn!(sd mul),
                Kind::SdMulhu => in_turn!(sd mulhu),
                Kind::MulSd => in_turn!(mul sd),
                Kind::MulhuSd => in_turn!(mulhu sd),
                Kind::MulhuAdd => in_turn!(mulhu add),
                Kind::LiAdd => in_turn!(li add),
                Kind::SlliOr => in_turn!(slli or),
                Kind::AddAdd => in_turn!(add add),
                Kind::SltuLd => in_turn!(sltu ld),
                Kind::SrliSlli => in_turn!(srli slli),
                Kind::LdAnd => in_turn!(ld and),
                Kind::AndAnd => in_turn!(and and),
                Kind::SdSltu => in_turn!(sd sltu),
                Kind::AddMul => in_turn!(add mul),
                Kind::SdAddi => in_turn!(sd addi),
                Kind::LdAddi => in_turn!(ld addi),
                Kind::AddiLd => in_turn!(addi ld),
                Kind::MulSdMulhuSd => in_turn!(mul sd mulhu sd),
                Kind::MulhuSdMulSd => in_turn!(mulhu sd mul sd),
                Kind::XorSdXorSd => in_turn!(xor sd xor sd),
                Kind::LiAddLd => in_turn!(li add ld),
                Kind::LiAddSd => in_turn!(li add sd),
                Kind::MulhuLdAdd => in_turn!(mulhu ld add),
                Kind::MulAddSltu => in_turn!(mul add sltu),
                Kind::SlliSrliOr => in_turn!(slli srli or),
            }
        }
    }
    let made = start.wrapping_sub(floor.wrapping_sub(at)) / OPERATION_SIZE;
    (((at - operations) / (OPERATION_SIZE / 4)) as u64, made as u64)
}
