//! The list of problems of one part of this probe; see [`crate::words`].

pub(crate) use crate::words::problem_words;
