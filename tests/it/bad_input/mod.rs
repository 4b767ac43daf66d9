//! What is not right is refused with a message that names the value and what is allowed, and
//! nothing is written.

mod commands;
mod databases;
mod web;
