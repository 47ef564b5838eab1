//! Whether the signatures of a zone hold, and if not, why.
