//! What has a canonical form has one, and it is its own.
#![no_main]

use libfuzzer_sys::fuzz_target;
use syncline_grammar::{FormatError, format};

fuzz_target!(|text: &str| {
    match format(text) {
        Ok(laid) => assert_eq!(format(&laid).as_deref(), Ok(laid.as_str())),
        Err(FormatError::Problems(problems)) => assert!(!problems.is_empty()),
        Err(FormatError::Fault(changed)) => panic!("formatting would change {changed}"),
    }
});
