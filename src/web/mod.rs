//! The screen and the API over HTTP.

pub mod asset;
pub mod view;
