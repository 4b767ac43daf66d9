//! What goes out and comes in: tables as spreadsheets, CSV, JSON and text, and the rollup as the API
//! states it. Machine formats are exact; only pages and terminals round.

pub mod backlog;
pub mod confirmations;
pub mod execution;
pub mod hledger;
pub mod export;
mod file;
pub mod lights;
pub mod milestones;
pub mod monthly_sheet;
pub mod reports;
pub mod rollup;
pub mod sheet;
mod table;
pub mod xlsx;

pub use file::Writer;
pub use table::{Column, Format, Table, Value};
