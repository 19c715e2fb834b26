//! Calls of the system that fail: what becomes of files, messages and statuses, call by call.
//!
//! Small runs of the program are traced, and each call that they make on a file of theirs is made to fail once, with the errors
//! that it can have; and once the process is killed there. Whatever fails, each file has to be the old one or the new one, a
//! run that says that it is done has to be done, one that is not has to say what failed, and the same run again has to come
//! to what a run comes to where nothing fails.
//!
//! `TIKRAR_FAULTS=all` takes more errors and larger runs, `none` leaves it out where processes can't be traced.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test that can't go on has failed")]
#![allow(clippy::print_stdout, reason = "how many calls have failed is what there is to see")]

#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/call.rs"]
mod call;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/held.rs"]
mod held;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/matrix.rs"]
mod matrix;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/scenario.rs"]
mod scenario;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/together.rs"]
mod together;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
#[path = "faults/tracer.rs"]
mod tracer;
#[cfg(all(target_os = "linux", target_arch = "x86_64"))]
mod tree;

#[cfg(not(all(target_os = "linux", target_arch = "x86_64")))]
#[test]
#[ignore = "calls are made to fail on Linux on x86-64 only, by its numbers and registers"]
fn calls_that_fail_lose_nothing() {}
