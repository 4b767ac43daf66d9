//! Lights of the register.
