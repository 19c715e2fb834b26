//! The footer of a Parquet file: the old one with other row groups.

use ::parquet::file::metadata::{ParquetMetaData, ParquetMetaDataWriter};

use super::table::{Result, damaged};

/// Encodes metadata; gives the page indexes and the footer.
pub(super) fn write_meta(meta: ParquetMetaData) -> Result<(Vec<u8>, Vec<u8>)> {
    let mut bytes = Vec::new();
    ParquetMetaDataWriter::new(&mut bytes, &meta).finish()?;
    bytes.truncate(bytes.len().saturating_sub(4));
    let size = bytes.split_off(bytes.len().saturating_sub(4));
    let size = size.iter().rev().fold(0, |size, byte| size << 8 | usize::from(*byte));
    let footer = bytes.split_off(bytes.len().saturating_sub(size));
    Ok((bytes, footer))
}

/// The old footer with the row groups and row count of the new one. So the schema and the key-value metadata stay as
/// they are, and the order that the statistics of copied chunks follow is not misstated: the crate always claims the
/// newest one.
pub(super) fn merge_footers(old: &[u8], new: &[u8]) -> Result<Vec<u8>> {
    let (old, new) = (footer_fields(old)?, footer_fields(new)?);
    let (mut merged, mut last) = (Vec::new(), 0);
    for field in &old {
        let field = new.iter().find(|new| new.id == field.id && matches!(new.id, 3 | 4)).unwrap_or(field);
        merged.push((field.id - last) << 4 | field.kind);
        merged.extend_from_slice(field.value);
        last = field.id;
    }
    merged.push(0);
    Ok(merged)
}

/// A field of the footer, in Thrift's compact encoding.
pub(super) struct Field<'a> {
    pub(super) id: u8,
    kind: u8,
    value: &'a [u8],
}

pub(super) fn footer_fields(footer: &[u8]) -> Result<Vec<Field<'_>>> {
    fn fields<'a>(rest: &mut &'a [u8]) -> Option<Vec<Field<'a>>> {
        let (mut fields, mut last) = (Vec::new(), 0_u8);
        loop {
            let header = byte(rest)?;
            if header == 0 {
                return Some(fields);
            }
            // The footer's fields are few and in order, so that their identifiers are always given as a step.
            let (id, kind) = (last.checked_add(header >> 4).filter(|id| *id > last)?, header & 15);
            let start = *rest;
            skip(rest, kind, 0)?;
            fields.push(Field { id, kind, value: &start[..start.len() - rest.len()] });
            last = id;
        }
    }
    fn byte(rest: &mut &[u8]) -> Option<u8> {
        let (first, tail) = rest.split_first()?;
        *rest = tail;
        Some(*first)
    }
    fn varint(rest: &mut &[u8]) -> Option<usize> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let next = byte(rest)?;
            value |= usize::from(next & 127) << shift;
            if next < 128 {
                return Some(value);
            }
        }
        None
    }
    fn skip(rest: &mut &[u8], kind: u8, depth: u8) -> Option<()> {
        if depth > 32 {
            return None;
        }
        let bytes = match kind {
            1 | 2 => 0,
            3 => 1,
            4..=6 => varint(rest).map(|_| 0)?,
            7 => 8,
            8 => varint(rest)?,
            9 | 10 => {
                let header = byte(rest)?;
                let count = if header >> 4 == 15 { varint(rest)? } else { usize::from(header >> 4) };
                for _ in 0..count {
                    // A boolean takes a byte in a list, but none in a struct.
                    skip(rest, if header & 15 < 3 { 3 } else { header & 15 }, depth + 1)?;
                }
                0
            }
            12 => loop {
                let header = byte(rest)?;
                if header == 0 {
                    break 0;
                }
                if header >> 4 == 0 {
                    varint(rest)?;
                }
                skip(rest, header & 15, depth + 1)?;
            },
            _ => return None,
        };
        *rest = rest.get(bytes..)?;
        Some(())
    }
    match fields(&mut &*footer) {
        Some(fields) => Ok(fields),
        None => damaged("the footer cannot be decoded"),
    }
}
