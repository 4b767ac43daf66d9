//! 台账 (Taizhang): the living register of a plan's key projects.
//!
//! Modules are listed bottom to top; imports point downwards only
//! (see `docs/ARCHITECTURE.md`).
