//! Loads static RV64 ELF files and says in words what is wrong with others.

use crate::memory::{Memory, ADDRESS_SPACE, PAGE_SIZE, TEXT_END};

const HEADER_SIZE: usize = 64;
const SEGMENT_HEADER_SIZE: usize = 56;
const EXECUTABLE: u16 = 2;
const RISC_V: u16 = 243;
const LOAD: u32 = 1;
const DYNAMIC: u32 = 2;
const INTERPRETER: u32 = 3;
const FLAG_EXECUTE: u32 = 1;
const FLAG_WRITE: u32 = 2;
const COMPRESSED: u32 = 1;
const FLOAT: u32 = 6;
const EMBEDDED: u32 = 8;

struct File<'a>(&'a [u8]);

impl File<'_> {
    fn field<const N: usize>(&self, offset: usize) -> Result<[u8; N], String> {
        let bytes = self.0.get(offset..offset.saturating_add(N));
        bytes.map(|bytes| bytes.try_into().expect("the slice has N bytes")).ok_or_else(|| {
            format!(
                "the file ends early: {} bytes, a header reaches to {}",
                self.0.len(),
                offset.saturating_add(N)
            )
        })
    }

    fn u16(&self, offset: usize) -> Result<u16, String> {
        self.field(offset).map(u16::from_le_bytes)
    }

    fn u32(&self, offset: usize) -> Result<u32, String> {
        self.field(offset).map(u32::from_le_bytes)
    }

    fn u64(&self, offset: usize) -> Result<u64, String> {
        self.field(offset).map(u64::from_le_bytes)
    }
}

fn require(condition: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if condition {
        Ok(())
    } else {
        Err(problem())
    }
}

/// Loads the file's segments into an empty memory and returns the entry point.
pub fn load(bytes: &[u8], memory: &mut Memory) -> Result<u64, String> {
    let file = File(bytes);
    require(bytes.starts_with(b"\x7fELF"), || "not an ELF file: it doesn't start with 7f 45 4c 46".into())?;
    let [class, order] = file.field(4)?;
    require(class == 2, || format!("not a 64-bit ELF file (class {class}, 2 expected)"))?;
    require(order == 1, || format!("not a little-endian ELF file (data encoding {order}, 1 expected)"))?;
    let kind = file.u16(16)?;
    require(kind == EXECUTABLE, || {
        format!("not a static executable (ELF type {kind}, 2 expected): link with fixed addresses, not position-independent")
    })?;
    let architecture = file.u16(18)?;
    require(architecture == RISC_V, || {
        format!("not a RISC-V program (ELF machine {architecture}, 243 expected)")
    })?;
    let flags = file.u32(48)?;
    require(flags & COMPRESSED == 0, || "has compressed instructions (C): compile for rv64im".into())?;
    require(flags & FLOAT == 0, || {
        "uses a floating-point ABI (F, D or Q): compile for rv64im with ABI lp64".into()
    })?;
    require(flags & EMBEDDED == 0, || {
        "uses the embedded ABI (RVE): compile for rv64im with ABI lp64".into()
    })?;
    let entry = file.u64(24)?;
    require(entry < TEXT_END && entry.is_multiple_of(4), || {
        format!("the entry point {entry:#x} is no instruction address: a multiple of 4 below {TEXT_END:#x} expected")
    })?;
    let (offset, size, count) = (file.u64(32)?, file.u16(54)? as usize, file.u16(56)? as usize);
    require(size == SEGMENT_HEADER_SIZE, || {
        format!("program headers of {size} bytes ({SEGMENT_HEADER_SIZE} expected)")
    })?;
    let first = usize::try_from(offset).ok().filter(|&first| first >= HEADER_SIZE && first <= bytes.len());
    let first = first.ok_or_else(|| format!("program headers at {offset:#x}, outside the file"))?;
    require(first + count * SEGMENT_HEADER_SIZE <= bytes.len(), || {
        format!(
            "the file ends early: {} bytes, too few for {count} program headers at {offset:#x}",
            bytes.len()
        )
    })?;
    let mut ranges: Vec<(u64, u64)> = Vec::new();
    let mut loaded = false;
    for index in 0..count {
        let at = first + index * SEGMENT_HEADER_SIZE;
        match file.u32(at)? {
            LOAD => loaded |= load_segment(&file, at, index, memory, &mut ranges)?,
            DYNAMIC | INTERPRETER => return Err("needs a dynamic loader: link statically".into()),
            _ => {}
        }
    }
    require(loaded, || "has no loadable segment".into())?;
    Ok(entry)
}

fn load_segment(
    file: &File,
    at: usize,
    index: usize,
    memory: &mut Memory,
    ranges: &mut Vec<(u64, u64)>,
) -> Result<bool, String> {
    let flags = file.u32(at + 4)?;
    let (offset, address) = (file.u64(at + 8)?, file.u64(at + 16)?);
    let (file_size, memory_size) = (file.u64(at + 32)?, file.u64(at + 40)?);
    if memory_size == 0 && file_size == 0 {
        return Ok(false);
    }
    let name = format!("segment {index} at {address:#x}");
    require(file_size <= memory_size, || {
        format!("{name}: more bytes in the file ({file_size}) than in memory ({memory_size})")
    })?;
    let end = address.checked_add(memory_size).filter(|&end| end <= ADDRESS_SPACE);
    let end = end.ok_or_else(|| format!("{name}: {memory_size} bytes reach beyond 4 GiB"))?;
    require(flags & FLAG_EXECUTE == 0 || end <= TEXT_END, || {
        format!("{name}: executable, but reaches to {end:#x}: code must lie below {TEXT_END:#x}")
    })?;
    require(flags & FLAG_WRITE == 0 || address >= TEXT_END, || {
        format!("{name}: writable, but below {TEXT_END:#x}, where memory is never written")
    })?;
    if let Some(&(start, _)) = ranges.iter().find(|&&(start, stop)| address < stop && start < end) {
        return Err(format!("{name}: overlaps the segment at {start:#x}"));
    }
    ranges.push((address, end));
    if file_size == 0 {
        return Ok(true); // nothing of it is in the file, so its offset means nothing
    }
    let source = offset.checked_add(file_size).filter(|&stop| stop <= file.0.len() as u64);
    require(source.is_some(), || {
        format!(
            "{name}: its bytes ({file_size} at offset {offset}) reach beyond the file ({} bytes)",
            file.0.len()
        )
    })?;
    let mut rest = &file.0[offset as usize..(offset + file_size) as usize];
    let mut to = address;
    while !rest.is_empty() {
        let (piece, tail) = rest.split_at(rest.len().min(PAGE_SIZE - to as usize % PAGE_SIZE));
        if piece.iter().any(|&byte| byte != 0) {
            memory.write(to, piece);
        }
        to += piece.len() as u64;
        rest = tail;
    }
    Ok(true)
}
