//! What a page shows: rows, columns, sentences and links, finished. No HTML, no SQL.
//!
//! Each page has one context (`overview::Overview`, `project::Project`, …) that its template
//! of the same name renders without arithmetic. A builder in each file turns rows and totals into
//! it; the parts they share are in [`frame`], [`table`] and [`chart`].

pub mod about;
pub mod accounts;
pub mod approvals;
pub mod asked;
pub mod backlog;
pub mod board;
pub mod attachment;
pub mod category;
pub mod closes;
pub mod confirmations;
pub mod chart;
pub mod data;
pub mod department;
pub mod departments;
pub mod document;
pub mod entries;
pub mod error;
pub mod execution;
pub mod form;
pub mod frame;
pub mod funding;
pub mod gantt;
pub mod indicators;
pub mod journal;
mod last;
pub mod ledger_table;
pub mod light_forms;
pub mod light_trial;
pub mod lights;
pub mod line;
pub mod listing;
pub mod milestones;
pub mod money;
pub mod monthly;
pub mod node_form;
pub mod nodes;
pub mod overview;
pub mod own_account;
pub mod portfolio;
pub mod project;
pub mod project_light;
pub mod projects;
pub mod proof;
pub mod public;
pub mod publications;
pub mod reconciliation;
pub mod section;
pub mod settings;
pub mod sign_in;
pub mod slips;
pub mod table;
pub mod todo;
