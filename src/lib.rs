//! 台账 (Taizhang): the living register of a plan's key projects.
//!
//! Modules are listed bottom to top; imports point downwards only
//! (see `docs/ARCHITECTURE.md`).

pub mod money;
pub mod period;
pub mod ratio;
pub mod measure;
pub mod clock;
pub mod error;
pub mod config;

pub mod mail;
pub mod db;
pub mod auth;
pub mod journal;
pub mod submission;
pub mod document;
pub mod close;
pub mod setting;
pub mod subtotal;
pub mod project;
pub mod account;
pub mod publication;
pub mod ledger;
pub mod milestone;
pub mod monthly;
pub mod chasing;
pub mod indicator;
pub mod rollup;
pub mod light;
pub mod execution;
pub mod reconciliation;
pub mod approval;
pub mod backlog;
pub mod seed;
pub mod proof;
pub mod signin;

pub mod exchange;
pub mod report;
pub mod demo;
pub mod web;
pub mod cli;
