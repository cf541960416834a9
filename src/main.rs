use std::process::ExitCode;

fn main() -> ExitCode {
    syncline::cli::main(std::env::args_os())
}
