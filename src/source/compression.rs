//! Compressed files: known by the bytes they start with, unpacked as they are read.

use std::io::{self, Read};
use std::path::Path;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// RFC 1952, one member or several.
    Gzip,
    /// RFC 8878, one frame or several, skippable ones among them.
    Zstd,
    /// bzip2, one stream or several.
    Bzip2,
    /// xz, one stream or several.
    Xz,
}

impl Codec {
    /// How many bytes of a file [`Codec::of_head`] looks at.
    pub(crate) const HEAD: usize = 10;

    /// How a file that starts so is compressed.
    #[must_use]
    pub fn of_head(head: &[u8]) -> Option<Codec> {
        match head {
            [0x1F, 0x8B, 8, ..] => Some(Codec::Gzip),
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Some(Codec::Zstd),
            // Text may well start with these three letters; bzip2 goes on with the first digits of pi, or of its root.
            [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59, ..]
            | [b'B', b'Z', b'h', b'1'..=b'9', 0x17, 0x72, 0x45, 0x38, 0x50, 0x90, ..] => Some(Codec::Bzip2),
            [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Some(Codec::Xz),
            _ => None,
        }
    }

    /// How a file of this name is compressed, and its name without that.
    #[must_use]
    pub fn of_path(path: &Path) -> Option<(Codec, &Path)> {
        let extension = path.extension()?.to_ascii_lowercase();
        let codec = match extension.to_str()? {
            "gz" => Codec::Gzip,
            "zst" => Codec::Zstd,
            "bz2" => Codec::Bzip2,
            "xz" => Codec::Xz,
            _ => return None,
        };
        Some((codec, Path::new(path.file_stem()?)))
    }

    /// Whether this is all of a file that was to be compressed so, and was cut off before that can be told.
    pub(crate) fn is_cut_off(self, file: &[u8]) -> bool {
        const PI: &[u8] = b"1AY&SY";
        let goes_on = |magic: &[u8]| file.len() < magic.len() && magic.starts_with(file);
        match (self, file) {
            (_, []) => true,
            (Codec::Gzip, _) => goes_on(b"\x1F\x8B\x08"),
            (Codec::Zstd, [0x50..=0x5F, rest @ ..]) => rest.len() < 3 && b"\x2A\x4D\x18".starts_with(rest),
            (Codec::Zstd, _) => goes_on(b"\x28\xB5\x2F\xFD"),
            (Codec::Bzip2, [b'B', b'Z', b'h', b'1'..=b'9', rest @ ..]) => {
                rest.len() < PI.len() && [PI, b"\x17\x72\x45\x38\x50\x90"].iter().any(|digits| digits.starts_with(rest))
            }
            (Codec::Bzip2, _) => goes_on(b"BZh1"),
            (Codec::Xz, _) => goes_on(b"\xFD7zXZ\0"),
        }
    }

    /// What the compression is called.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Codec::Gzip => "gzip",
            Codec::Zstd => "zstd",
            Codec::Bzip2 => "bzip2",
            Codec::Xz => "xz",
        }
    }
}

/// Why a compressed file can't be unpacked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UnpackError {
    /// It ends before its end.
    #[error("the {} data is cut off: the file is not whole, or something else stands at its end", codec.name())]
    CutOff {
        /// How it is compressed.
        codec: Codec,
    },
    /// It is damaged, or something else follows it.
    #[cfg(feature = "compression")]
    #[error("the {} data is damaged", codec.name())]
    Damaged {
        /// How it is compressed.
        codec: Codec,
        /// What the decoder says.
        source: io::Error,
    },
    /// This build can't.
    #[cfg(not(feature = "compression"))]
    #[error("it is compressed with {}, which this build can't unpack (feature compression)", codec.name())]
    NotBuilt {
        /// How it is compressed.
        codec: Codec,
    },
}

/// Unpacks what `reader` reads.
#[cfg(feature = "compression")]
pub(super) fn unpacked(codec: Codec, reader: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    let reader = io::BufReader::with_capacity(128 << 10, reader);
    let decoder: Box<dyn Read + Send> = match codec {
        Codec::Gzip => Box::new(Members { member: Some(flate2::bufread::GzDecoder::new(reader)) }),
        Codec::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(reader)?;
            // The longest window that the format allows (`zstd --long=31`).
            decoder.window_log_max(31)?;
            Box::new(decoder)
        }
        Codec::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(reader)),
        Codec::Xz => Box::new(liblzma::bufread::XzDecoder::new_multi_decoder(reader)),
    };
    Ok(Box::new(Unpacked { codec, decoder }))
}

/// Unpacks what `reader` reads.
#[cfg(not(feature = "compression"))]
pub(super) fn unpacked(codec: Codec, _: impl Read + Send + 'static) -> io::Result<Box<dyn Read + Send>> {
    Err(io::Error::other(UnpackError::NotBuilt { codec }))
}

/// The members of a gzip file. Zeros behind the last one, which fill up a tape's block, are nothing, as for `gzip`.
#[cfg(feature = "compression")]
struct Members<R> {
    /// None at the end.
    member: Option<flate2::bufread::GzDecoder<R>>,
}

#[cfg(feature = "compression")]
impl<R: io::BufRead> Read for Members<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            let Some(mut rest) = self.member.take().map(flate2::bufread::GzDecoder::into_inner) else { break };
            let is_zeros = loop {
                match rest.fill_buf()? {
                    [] => break true,
                    [0, ..] => rest.consume(1),
                    _ => break false,
                }
            };
            if !is_zeros {
                self.member = Some(flate2::bufread::GzDecoder::new(rest));
            }
        }
        Ok(0)
    }
}

/// Says in its errors what is wrong with the file.
#[cfg(feature = "compression")]
struct Unpacked {
    codec: Codec,
    decoder: Box<dyn Read + Send>,
}

#[cfg(feature = "compression")]
impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder.read(buffer).map_err(|source| {
            let Unpacked { codec, .. } = *self;
            match source.kind() {
                io::ErrorKind::Interrupted => source,
                // What the system says is of the file, not of what is in it.
                _ if source.raw_os_error().is_some() => source,
                io::ErrorKind::UnexpectedEof => cut_off(codec),
                _ => io::Error::new(io::ErrorKind::InvalidData, UnpackError::Damaged { codec, source }),
            }
        })
    }
}

/// The error that a compressed file ends too early.
pub(super) fn cut_off(codec: Codec) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, UnpackError::CutOff { codec })
}

#[cfg(test)]
#[cfg(feature = "compression")]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::sink::Packer;

    const TEXT: &[u8] = "الأول والثاني\n".as_bytes();

    fn packed(codec: Codec, text: &[u8]) -> Vec<u8> {
        let mut packer = Packer::new(Some(codec), Vec::new()).unwrap();
        packer.write_all(text).unwrap();
        packer.finish().unwrap()
    }

    fn unpack(codec: Codec, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        unpacked(codec, io::Cursor::new(bytes))?.read_to_end(&mut text).map(|_| text)
    }

    const ALL: [Codec; 4] = [Codec::Gzip, Codec::Zstd, Codec::Bzip2, Codec::Xz];

    #[test]
    fn what_is_packed_is_known_and_unpacks() {
        for codec in ALL {
            for text in [TEXT, b""] {
                let bytes = packed(codec, text);
                assert_eq!(Codec::of_head(&bytes), Some(codec));
                assert_eq!(unpack(codec, bytes).unwrap(), text);
            }
        }
    }

    #[test]
    fn what_is_cut_off_before_it_is_known_as_packed_is_known_by_its_name() {
        for codec in ALL {
            for text in [TEXT, b""] {
                let bytes = packed(codec, text);
                for len in 0..bytes.len() {
                    let is_known = Codec::of_head(&bytes[..len]).is_some();
                    assert_eq!(codec.is_cut_off(&bytes[..len]), !is_known, "{} {len}", codec.name());
                }
            }
            assert!(!codec.is_cut_off(TEXT));
        }
        assert!(Codec::Zstd.is_cut_off(b"\x53\x2A\x4D") && !Codec::Zstd.is_cut_off(b"\x53\x2A\x4Dx"));
    }

    #[test]
    fn what_follows_the_first_member_is_read_too() {
        for codec in ALL {
            let bytes = [packed(codec, TEXT), packed(codec, b""), packed(codec, TEXT)].concat();
            assert_eq!(unpack(codec, bytes).unwrap(), [TEXT, TEXT].concat(), "{}", codec.name());
        }
        let skippable = b"\x50\x2A\x4D\x18\x03\0\0\0abc".to_vec();
        assert_eq!(Codec::of_head(&skippable), Some(Codec::Zstd));
        let bytes = [skippable.clone(), packed(Codec::Zstd, TEXT), skippable, packed(Codec::Zstd, TEXT)].concat();
        assert_eq!(unpack(Codec::Zstd, bytes).unwrap(), [TEXT, TEXT].concat());
    }

    #[test]
    fn zeros_behind_gzip_are_nothing_and_anything_else_is_an_error() {
        let bytes = packed(Codec::Gzip, TEXT);
        assert_eq!(unpack(Codec::Gzip, [&bytes[..], &[0; 700]].concat()).unwrap(), TEXT);
        assert!(unpack(Codec::Gzip, [&bytes[..], b"xyz"].concat()).is_err());
    }

    #[test]
    fn a_file_that_is_cut_off_anywhere_is_an_error() {
        for codec in ALL {
            let bytes = packed(codec, TEXT);
            for len in 1..bytes.len() {
                let error = unpack(codec, bytes[..len].to_vec()).expect_err(codec.name()).to_string();
                assert!(error.contains("cut off") || error.contains("damaged"), "{error}");
            }
        }
    }
}
