//! `catalog-syncd`: see `--help`.

use std::process::ExitCode;

use catalog_syncd::cli;
use clap::Parser;

fn main() -> ExitCode {
    cli::hush_panics();
    let arguments = cli::Arguments::parse();
    let output = arguments.output;
    #[cfg(debug_assertions)]
    if let Err(error) = cli::set_fail_point() {
        return cli::fail(&error, output);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return cli::fail(&cli::no_runtime(error), output),
    };
    match runtime.block_on(cli::run(arguments)) {
        Ok(exit) => exit.into(),
        Err(error) => cli::fail(&error, output),
    }
}
