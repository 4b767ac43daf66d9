//! What goes out: tables as CSV, JSON and text, and the rollup as the API states it. Machine
//! formats are exact; only pages and terminals round.

pub mod confirmations;
pub mod export;
mod file;
pub mod lights;
pub mod milestones;
pub mod rollup;
mod table;

pub use file::Writer;
pub use table::{Column, Format, Table, Value};
