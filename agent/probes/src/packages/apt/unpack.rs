//! Lists in every way in which apt may keep them packed.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};

use ruzstd::decoding::StreamingDecoder;

use crate::files::{FileError, Root};

/// Most memory that unpacking one list may take, in KiB: that of `xz -9`, the largest that archives use.
const UNPACKING_KIB_MAX: u32 = 80 * 1024;
/// Largest window of a list packed with zstd, in bytes: that of `zstd -22`, less `--long`.
const WINDOW_BYTES_MAX: u64 = 128 * 1024 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Plain,
    Lz4,
    Gzip,
    Xz,
    Zstd,
    Bzip2,
    Lzma,
}

/// Every packing by the ending of the file's name.
const PACKINGS: &[(&str, Packing)] = &[
    ("", Packing::Plain),
    (".lz4", Packing::Lz4),
    (".gz", Packing::Gzip),
    (".xz", Packing::Xz),
    (".zst", Packing::Zstd),
    (".bz2", Packing::Bzip2),
    (".lzma", Packing::Lzma),
];

/// The path of a list as it lies there, with the ending of its packer; none only when there surely is no such list.
pub(super) fn find_list(root: &Root, path: &str) -> Option<String> {
    PACKINGS.iter().map(|(ending, _)| format!("{path}{ending}")).find(|path| !root.is_absent(path))
}

/// Opens a list and unpacks it on the way.
///
/// # Errors
/// [`FileError`] names the path and why.
pub(super) fn open(root: &Root, path: &str) -> Result<Box<dyn Read>, FileError> {
    let by_ending = PACKINGS.iter().rev().find(|(ending, _)| path.ends_with(ending));
    let packing = by_ending.map_or(Packing::Plain, |(_, packing)| *packing);
    let file = root.open(path)?;
    let failed = |source| FileError::Io { path: path.to_owned(), source };
    Ok(match packing {
        Packing::Plain => Box::new(file),
        Packing::Lz4 => Box::new(lz4_flex::frame::FrameDecoder::new(BufReader::new(file))),
        Packing::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(BufReader::new(file))),
        Packing::Xz => Box::new(lzma_rust2::XzReader::new_mem_limit(BufReader::new(file), true, UNPACKING_KIB_MAX)),
        Packing::Zstd => Box::new(ZstdFrames { file: Some(BufReader::new(file)), frame: None }),
        Packing::Bzip2 => Box::new(bzip2::bufread::MultiBzDecoder::new(BufReader::new(file))),
        Packing::Lzma => Box::new(
            lzma_rust2::LzmaReader::new_mem_limit(BufReader::new(file), UNPACKING_KIB_MAX, None)
                .map_err(|error| failed(io::Error::other(error)))?,
        ),
    })
}

/// Every frame of a file packed with zstd, RFC 8878 section 3.1; the decoder knows one frame at a time.
struct ZstdFrames {
    file: Option<BufReader<File>>,
    frame: Option<StreamingDecoder<BufReader<File>, ruzstd::decoding::FrameDecoder>>,
}

impl Read for ZstdFrames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(buffer)?;
                if read > 0 {
                    return Ok(read);
                }
                self.file = self.frame.take().map(StreamingDecoder::into_inner);
            }
            let Some(mut file) = self.file.take() else { return Ok(0) };
            if file.fill_buf()?.is_empty() {
                return Ok(0);
            }
            let frame = StreamingDecoder::new_with_max_window_size(file, WINDOW_BYTES_MAX);
            self.frame = Some(frame.map_err(io::Error::other)?);
        }
    }
}
