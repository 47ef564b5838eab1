//! Limits of a journal.

use crate::OpenError;
use crate::format::{FRAME_HEADER_BYTES, GROUP_HEADER_BYTES, SEGMENT_HEADER_BYTES};

const MIB: u64 = 1024 * 1024;

/// Limits of a journal, all in bytes; they may change from one opening to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// A segment is closed before it grows over this. It also bounds one group, since a group lies in one segment,
    /// and so the memory of a reader (about twice the largest group). Default 16 MiB.
    pub segment_bytes_max: u64,
    /// All segments together; an append that would exceed it answers [`AppendError::Full`](crate::AppendError::Full).
    /// At least twice `segment_bytes_max`, so that dropping closed segments always makes room. Default 256 MiB.
    pub total_bytes_max: u64,
    /// One record's bytes. Default 1 MiB.
    pub record_bytes_max: u64,
    /// Free bytes to leave to everybody else on the file system; an append that would use them answers
    /// [`AppendError::DiskFull`](crate::AppendError::DiskFull). 0 switches the check off. Default 64 MiB.
    pub free_bytes_reserve: u64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            segment_bytes_max: 16 * MIB,
            total_bytes_max: 256 * MIB,
            record_bytes_max: MIB,
            free_bytes_reserve: 64 * MIB,
        }
    }
}

impl Options {
    /// Bytes that one group, with its headers, may take.
    pub(crate) fn group_bytes_max(&self) -> u64 {
        self.segment_bytes_max.saturating_sub(SEGMENT_HEADER_BYTES).min(u64::from(u32::MAX))
    }

    pub(crate) fn check(&self) -> Result<(), OpenError> {
        let record_on_disk = self.record_bytes_max.saturating_add(FRAME_HEADER_BYTES + GROUP_HEADER_BYTES);
        if self.record_bytes_max == 0 {
            Err(OpenError::Options("record_bytes_max is 0".to_owned()))
        } else if record_on_disk > self.group_bytes_max() {
            Err(OpenError::Options(format!(
                "a record of record_bytes_max = {} bytes does not fit in a segment of segment_bytes_max = {} bytes",
                self.record_bytes_max, self.segment_bytes_max
            )))
        } else if self.total_bytes_max < self.segment_bytes_max.saturating_mul(2) {
            Err(OpenError::Options(format!(
                "total_bytes_max = {} bytes is under twice segment_bytes_max = {} bytes",
                self.total_bytes_max, self.segment_bytes_max
            )))
        } else {
            Ok(())
        }
    }
}
