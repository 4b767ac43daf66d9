//! 日志: the audit log, the `known_at` axis, the version of every page, and the chain that
//! shows whether history was altered. Canonical form and test vectors: `docs/journal.md`.

pub mod chain;
mod command;
pub mod store;
pub mod witness;
pub mod words;

pub use command::Recording;
