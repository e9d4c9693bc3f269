//! Predecodes the text once into the eight-byte operations that the inner loop runs.

/// What the inner loop does. `Slow` leaves the instruction to `Machine::step`: system calls, illegal words, and rare forms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Kind {
    Slow,
    Nop,
    /// rd := immediate (also what lui, auipc and addi from x0 come to)
    Li,
    Addi,
    Slti,
    Sltiu,
    Xori,
    Ori,
    Andi,
    Slli,
    Srli,
    Srai,
    Addiw,
    Slliw,
    Srliw,
    Sraiw,
    Add,
    Sub,
    Sll,
    Slt,
    Sltu,
    Xor,
    Srl,
    Sra,
    Or,
    And,
    Addw,
    Subw,
    Sllw,
    Srlw,
    Sraw,
    Mul,
    Mulh,
    Mulhsu,
    Mulhu,
    Div,
    Divu,
    Rem,
    Remu,
    Mulw,
    Divw,
    Divuw,
    Remw,
    Remuw,
    Lb,
    Lh,
    Lw,
    Ld,
    Lbu,
    Lhu,
    Lwu,
    Sb,
    Sh,
    Sw,
    Sd,
    Beq,
    Bne,
    Blt,
    Bge,
    Bltu,
    Bgeu,
    Jal,
    /// jal with x0
    J,
    Jalr,
    /// jalr with x0
    Jr,
    SrliSlliOr,
    XorXorXor,
    SdSdSd,
    LdLdLd,
    LdAddSd,
    AddSltuAdd,
    LdAddSltu,
    LdLdAdd,
    SltuLdAdd,
    XorXor,
    LdXor,
    XorLd,
    XorSd,
    SdSd,
    LdLd,
    AndXor,
    OrXor,
    XorAnd,
    AddiAddi,
    AddiBltu,
    AddiBne,
    AddiBeq,
    SlliAdd,
    SlliSrli,
    AddSltu,
    MulMulhu,
    MulhuMul,
    MulAdd,
    AddLd,
    AddLbu,
    LdAdd,
    AddSd,
    SdLd,
    SltuAdd,
    SdMul,
    SdMulhu,
    MulSd,
    MulhuSd,
    MulhuAdd,
    LiAdd,
    SlliOr,
    AddAdd,
    SltuLd,
    SrliSlli,
    LdAnd,
    AndAnd,
    SdSltu,
    AddMul,
    SdAddi,
    LdAddi,
    AddiLd,
    MulSdMulhuSd,
    MulhuSdMulSd,
    XorSdXorSd,
    LiAddLd,
    LiAddSd,
    MulhuLdAdd,
    MulAddSltu,
    SlliSrliOr,
}

/// Sequences that programs are full of, as one operation each: one jump of the inner loop instead of two or three. The
/// operation stands in the first one's place and reads the others' operands from theirs, where they stay as they are for
/// whoever jumps there. The first that fits is taken.
const FUSIONS: &[(&[Kind], Kind)] = {
    use Kind::*;
    &[
        (&[Mul, Sd, Mulhu, Sd], MulSdMulhuSd),
        (&[Mulhu, Sd, Mul, Sd], MulhuSdMulSd),
        (&[Xor, Sd, Xor, Sd], XorSdXorSd),
        (&[Srli, Slli, Or], SrliSlliOr),
        (&[Li, Add, Ld], LiAddLd),
        (&[Li, Add, Sd], LiAddSd),
        (&[Mulhu, Ld, Add], MulhuLdAdd),
        (&[Mul, Add, Sltu], MulAddSltu),
        (&[Slli, Srli, Or], SlliSrliOr),
        (&[Xor, Xor, Xor], XorXorXor),
        (&[Sd, Sd, Sd], SdSdSd),
        (&[Ld, Ld, Ld], LdLdLd),
        (&[Ld, Add, Sd], LdAddSd),
        (&[Add, Sltu, Add], AddSltuAdd),
        (&[Ld, Add, Sltu], LdAddSltu),
        (&[Ld, Ld, Add], LdLdAdd),
        (&[Sltu, Ld, Add], SltuLdAdd),
        (&[Xor, Xor], XorXor),
        (&[Ld, Xor], LdXor),
        (&[Xor, Ld], XorLd),
        (&[Xor, Sd], XorSd),
        (&[Sd, Sd], SdSd),
        (&[Ld, Ld], LdLd),
        (&[And, Xor], AndXor),
        (&[Or, Xor], OrXor),
        (&[Xor, And], XorAnd),
        (&[Addi, Addi], AddiAddi),
        (&[Addi, Bltu], AddiBltu),
        (&[Addi, Bne], AddiBne),
        (&[Addi, Beq], AddiBeq),
        (&[Slli, Add], SlliAdd),
        (&[Slli, Srli], SlliSrli),
        (&[Add, Sltu], AddSltu),
        (&[Mul, Mulhu], MulMulhu),
        (&[Mulhu, Mul], MulhuMul),
        (&[Mul, Add], MulAdd),
        (&[Add, Ld], AddLd),
        (&[Add, Lbu], AddLbu),
        (&[Ld, Add], LdAdd),
        (&[Add, Sd], AddSd),
        (&[Sd, Ld], SdLd),
        (&[Sltu, Add], SltuAdd),
        (&[Sd, Mul], SdMul),
        (&[Sd, Mulhu], SdMulhu),
        (&[Mul, Sd], MulSd),
        (&[Mulhu, Sd], MulhuSd),
        (&[Mulhu, Add], MulhuAdd),
        (&[Li, Add], LiAdd),
        (&[Slli, Or], SlliOr),
        (&[Add, Add], AddAdd),
        (&[Sltu, Ld], SltuLd),
        (&[Srli, Slli], SrliSlli),
        (&[Ld, And], LdAnd),
        (&[And, And], AndAnd),
        (&[Sd, Sltu], SdSltu),
        (&[Add, Mul], AddMul),
        (&[Sd, Addi], SdAddi),
        (&[Ld, Addi], LdAddi),
        (&[Addi, Ld], AddiLd),
    ]
};

#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Operation {
    pub kind: Kind,
    /// registers, as offsets in bytes
    pub rd: u8,
    pub rs1: u8,
    pub rs2: u8,
    /// sign-extended; for branches and jal the distance in bytes of *operations*
    pub immediate: i32,
}

pub const OPERATION_SIZE: usize = core::mem::size_of::<Operation>();

/// The immediates of the six formats, sign-extended.
pub mod immediate {
    pub fn i(word: u32) -> i64 {
        (word as i32 >> 20) as i64
    }

    pub fn s(word: u32) -> i64 {
        ((word as i32 >> 25 << 5) | (word >> 7 & 0x1f) as i32) as i64
    }

    pub fn b(word: u32) -> i64 {
        ((word as i32 >> 31 << 12)
            | (word << 4 & 0x800) as i32
            | (word >> 20 & 0x7e0) as i32
            | (word >> 7 & 0x1e) as i32) as i64
    }

    pub fn u(word: u32) -> i64 {
        (word & 0xffff_f000) as i32 as i64
    }

    pub fn j(word: u32) -> i64 {
        ((word as i32 >> 31 << 20)
            | (word & 0xf_f000) as i32
            | (word >> 9 & 0x800) as i32
            | (word >> 20 & 0x7fe) as i32) as i64
    }
}

const SLOW: Operation = Operation { kind: Kind::Slow, rd: 0, rs1: 0, rs2: 0, immediate: 0 };

/// Returns the operation of an instruction word at `pc`; `Slow` for every word that it doesn't know.
fn operation(word: u32, pc: u64) -> Operation {
    use Kind::*;
    let (rd, rs1, rs2) = (word >> 7 & 31, word >> 15 & 31, word >> 20 & 31);
    let (funct3, funct7) = (word >> 12 & 7, word >> 25);
    let make = |kind: Kind, immediate: i64| {
        let offset = |register: u32| (register * 8) as u8;
        i32::try_from(immediate).map_or(SLOW, |immediate| Operation {
            kind,
            rd: offset(rd),
            rs1: offset(rs1),
            rs2: offset(rs2),
            immediate,
        })
    };
    // an instruction that only computes does nothing when it computes x0
    let compute = |kind: Kind, immediate: i64| if rd == 0 { make(Nop, 0) } else { make(kind, immediate) };
    let jump = |kind: Kind, immediate: i64| {
        if immediate % 4 == 0 {
            make(kind, immediate / 4 * OPERATION_SIZE as i64)
        } else {
            SLOW
        }
    };
    match word & 0x7f {
        0x37 => compute(Li, immediate::u(word)),
        0x17 => compute(Li, immediate::u(word) + pc as i64),
        0x6f => jump(if rd == 0 { J } else { Jal }, immediate::j(word)),
        0x67 if funct3 == 0 => make(if rd == 0 { Jr } else { Jalr }, immediate::i(word)),
        0x63 => match funct3 {
            0 => jump(Beq, immediate::b(word)),
            1 => jump(Bne, immediate::b(word)),
            4 => jump(Blt, immediate::b(word)),
            5 => jump(Bge, immediate::b(word)),
            6 => jump(Bltu, immediate::b(word)),
            7 => jump(Bgeu, immediate::b(word)),
            _ => SLOW,
        },
        0x03 if rd != 0 => match funct3 {
            0 => make(Lb, immediate::i(word)),
            1 => make(Lh, immediate::i(word)),
            2 => make(Lw, immediate::i(word)),
            3 => make(Ld, immediate::i(word)),
            4 => make(Lbu, immediate::i(word)),
            5 => make(Lhu, immediate::i(word)),
            6 => make(Lwu, immediate::i(word)),
            _ => SLOW,
        },
        0x23 => match funct3 {
            0 => make(Sb, immediate::s(word)),
            1 => make(Sh, immediate::s(word)),
            2 => make(Sw, immediate::s(word)),
            3 => make(Sd, immediate::s(word)),
            _ => SLOW,
        },
        0x13 => match (funct3, word >> 26) {
            (0, _) if rs1 == 0 => compute(Li, immediate::i(word)),
            (0, _) => compute(Addi, immediate::i(word)),
            (1, 0x00) => compute(Slli, (word >> 20 & 63) as i64),
            (2, _) => compute(Slti, immediate::i(word)),
            (3, _) => compute(Sltiu, immediate::i(word)),
            (4, _) => compute(Xori, immediate::i(word)),
            (5, 0x00) => compute(Srli, (word >> 20 & 63) as i64),
            (5, 0x10) => compute(Srai, (word >> 20 & 63) as i64),
            (6, _) => compute(Ori, immediate::i(word)),
            (7, _) => compute(Andi, immediate::i(word)),
            _ => SLOW,
        },
        0x1b => match (funct3, funct7) {
            (0, _) => compute(Addiw, immediate::i(word)),
            (1, 0x00) => compute(Slliw, rs2 as i64),
            (5, 0x00) => compute(Srliw, rs2 as i64),
            (5, 0x20) => compute(Sraiw, rs2 as i64),
            _ => SLOW,
        },
        0x33 => {
            const BASE: [Kind; 8] = [Add, Sll, Slt, Sltu, Xor, Srl, Or, And];
            const MULTIPLY: [Kind; 8] = [Mul, Mulh, Mulhsu, Mulhu, Div, Divu, Rem, Remu];
            match (funct7, funct3) {
                (0x00, _) => compute(BASE[funct3 as usize], 0),
                (0x01, _) => compute(MULTIPLY[funct3 as usize], 0),
                (0x20, 0) => compute(Sub, 0),
                (0x20, 5) => compute(Sra, 0),
                _ => SLOW,
            }
        }
        0x3b => match (funct7, funct3) {
            (0x00, 0) => compute(Addw, 0),
            (0x20, 0) => compute(Subw, 0),
            (0x00, 1) => compute(Sllw, 0),
            (0x00, 5) => compute(Srlw, 0),
            (0x20, 5) => compute(Sraw, 0),
            (0x01, 0) => compute(Mulw, 0),
            (0x01, 4) => compute(Divw, 0),
            (0x01, 5) => compute(Divuw, 0),
            (0x01, 6) => compute(Remw, 0),
            (0x01, 7) => compute(Remuw, 0),
            _ => SLOW,
        },
        0x0f if funct3 <= 1 => make(Nop, 0),
        _ => SLOW,
    }
}

pub struct Text {
    /// one operation per word, and a `Slow` one after the last
    pub operations: Vec<Operation>,
    /// the most steps that the inner loop can make without a taken jump
    pub longest_run: u32,
}

/// Predecodes the text, given without its trailing zero words (which are illegal).
pub fn predecode(words: &[u32]) -> Text {
    let mut operations: Vec<Operation> =
        words.iter().enumerate().map(|(index, &word)| operation(word, 4 * index as u64)).collect();
    operations.push(SLOW);
    let count = operations.len() as i64;
    for (index, operation) in operations.iter_mut().enumerate() {
        use Kind::*;
        if matches!(operation.kind, Beq | Bne | Blt | Bge | Bltu | Bgeu | J | Jal) {
            let target = index as i64 + operation.immediate as i64 / OPERATION_SIZE as i64;
            if target < 0 || target >= count {
                *operation = SLOW;
            }
        }
    }
    let ends_run = |operation: &Operation| {
        matches!(operation.kind, Kind::Slow | Kind::J | Kind::Jal | Kind::Jr | Kind::Jalr)
    };
    let longest_run = operations.split_inclusive(ends_run).map(<[Operation]>::len).max().unwrap_or(1) as u32;
    fuse(&mut operations);
    Text { operations, longest_run }
}

fn fuse(operations: &mut [Operation]) {
    let kinds: Vec<Kind> = operations.iter().map(|operation| operation.kind).collect();
    for (index, operation) in operations.iter_mut().enumerate() {
        let fusion = FUSIONS.iter().find(|(sequence, _)| kinds[index..].starts_with(sequence));
        operation.kind = fusion.map_or(operation.kind, |&(_, fused)| fused);
    }
}
