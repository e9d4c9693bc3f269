//! The fault as a program of the RV64IM machine.
#![no_std]
#![no_main]

rollworks_sdk::entry!(brittle::run);
