//! Compression on the way out.

use std::io::{self, Write};

use crate::source::Codec;

/// Compresses what is written, or passes it on as it is.
pub struct Packer<W: Write> {
    inner: Inner<W>,
}

enum Inner<W: Write> {
    Plain(W),
    #[cfg(feature = "compression")]
    Gzip(flate2::write::GzEncoder<W>),
    #[cfg(feature = "compression")]
    Zstd(zstd::Encoder<'static, W>),
    #[cfg(feature = "compression")]
    Bzip2(bzip2::write::BzEncoder<W>),
    #[cfg(feature = "compression")]
    Xz(liblzma::write::XzEncoder<W>),
}

impl<W: Write> Packer<W> {
    /// Compresses as the command-line tools do by default.
    ///
    /// # Errors
    /// The compression can't be begun, or is not in this build.
    #[cfg(feature = "compression")]
    pub fn new(codec: Option<Codec>, out: W) -> io::Result<Packer<W>> {
        let inner = match codec {
            None => Inner::Plain(out),
            Some(Codec::Gzip) => Inner::Gzip(flate2::write::GzEncoder::new(out, flate2::Compression::default())),
            Some(Codec::Zstd) => {
                let mut encoder = zstd::Encoder::new(out, zstd::DEFAULT_COMPRESSION_LEVEL)?;
                encoder.include_checksum(true)?;
                Inner::Zstd(encoder)
            }
            Some(Codec::Bzip2) => Inner::Bzip2(bzip2::write::BzEncoder::new(out, bzip2::Compression::best())),
            Some(Codec::Xz) => Inner::Xz(liblzma::write::XzEncoder::new(out, 6)),
        };
        Ok(Packer { inner })
    }

    /// Passes on what is written.
    ///
    /// # Errors
    /// It is to be compressed, which is not in this build.
    #[cfg(not(feature = "compression"))]
    pub fn new(codec: Option<Codec>, out: W) -> io::Result<Packer<W>> {
        match codec {
            None => Ok(Packer { inner: Inner::Plain(out) }),
            Some(codec) => {
                let text = format!("this build can't write {} files (feature compression)", codec.name());
                Err(io::Error::new(io::ErrorKind::Unsupported, text))
            }
        }
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// It can't be written.
    pub fn finish(self) -> io::Result<W> {
        match self.inner {
            Inner::Plain(mut out) => out.flush().map(|()| out),
            #[cfg(feature = "compression")]
            Inner::Gzip(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Inner::Zstd(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Inner::Bzip2(encoder) => encoder.finish(),
            #[cfg(feature = "compression")]
            Inner::Xz(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Packer<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.inner {
            Inner::Plain(out) => out.write(bytes),
            #[cfg(feature = "compression")]
            Inner::Gzip(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Inner::Zstd(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Inner::Bzip2(encoder) => encoder.write(bytes),
            #[cfg(feature = "compression")]
            Inner::Xz(encoder) => encoder.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.inner {
            Inner::Plain(out) => out.flush(),
            // What is held back is written at the end: a flush in between only makes the file longer.
            #[cfg(feature = "compression")]
            _ => Ok(()),
        }
    }
}
