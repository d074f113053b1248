//! `cargo xtask dist`: what a release hands out.
//!
//! The program with the libraries that it is linked to, completions, a manual page, the parts list ([`sbom`]), licence
//! and changes, and the SHA-256 of each file. Static programs come from the Dockerfile alone.

mod manual;
mod sbom;

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::{Result, WORKSPACE};

const SHELLS: [&str; 3] = ["bash", "fish", "zsh"];

/// Builds the program in release and fills `folder`, which must be empty or missing.
///
/// # Errors
/// When the build fails or the folder holds files.
pub fn run(folder: &Path, out: &mut dyn Write) -> Result<()> {
    let workspace = Path::new(WORKSPACE);
    fs::create_dir_all(folder)?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(format!("{} holds files already", folder.display()).into());
    }
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace).args(["build", "--locked", "--release", "--bin", "catalog-syncd"]);
    if !cargo.stdin(Stdio::null()).status()?.success() {
        return Err("the program does not build".into());
    }
    let metadata = metadata()?;
    let built = metadata.target_directory.as_std_path().join("release/catalog-syncd");
    let program = folder.join("catalog-syncd");
    fs::copy(built, &program)?;
    libraries(&program, &folder.join("lib"))?;
    for shell in SHELLS {
        fs::create_dir_all(folder.join("completions"))?;
        fs::write(folder.join("completions").join(shell), said(&program, &["completions", shell])?)?;
    }
    fs::write(folder.join("catalog-syncd.1"), manual::page(|arguments| said(&program, arguments))?)?;
    fs::write(folder.join("sbom.cdx.json"), serde_json::to_string_pretty(&sbom::list(&metadata)?)?)?;
    for file in ["LICENSE", "NOTICE", "CHANGELOG.md"] {
        fs::copy(workspace.join(file), folder.join(file))?;
    }
    let sums = Command::new("sh")
        .args(["-c", "find . -type f ! -name SHA256SUMS | LC_ALL=C sort | xargs sha256sum"])
        .current_dir(folder)
        .output()?;
    fs::write(folder.join("SHA256SUMS"), &sums.stdout)?;
    write!(out, "{}", String::from_utf8_lossy(&sums.stdout))?;
    Ok(())
}

/// Prints the list of parts of the program in the CycloneDX form.
///
/// # Errors
/// When cargo cannot resolve the workspace.
pub fn print_parts(out: &mut dyn Write) -> Result<()> {
    Ok(writeln!(out, "{}", serde_json::to_string_pretty(&sbom::list(&metadata()?)?)?)?)
}

fn metadata() -> Result<cargo_metadata::Metadata> {
    let manifest = Path::new(WORKSPACE).join("Cargo.toml");
    Ok(cargo_metadata::MetadataCommand::new().manifest_path(manifest).exec()?)
}

/// What the program prints.
fn said(program: &Path, arguments: &[&str]) -> Result<String> {
    let output = Command::new(program).args(arguments).env_clear().stdin(Stdio::null()).output()?;
    if !output.status.success() {
        return Err(format!("{arguments:?} ends with {}", output.status).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Copies the libraries that the loader would find, none for a static program.
fn libraries(program: &Path, folder: &Path) -> Result<()> {
    let listed = Command::new("ldd").arg(program).output()?;
    for path in loaded(&String::from_utf8_lossy(&listed.stdout)) {
        fs::create_dir_all(folder)?;
        let name = Path::new(path).file_name().ok_or("a library without a name")?;
        fs::copy(path, folder.join(name))?;
    }
    Ok(())
}

/// The files in ldd's words.
fn loaded(listed: &str) -> Vec<&str> {
    listed.lines().filter_map(|line| line.split_whitespace().find(|word| word.starts_with('/'))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read_from_what_ldd_prints() {
        let listed = "\tlinux-vdso.so.1 (0x0)\n\tlibm.so.6 => /lib/x/libm.so.6 (0x1)\n\t/lib64/ld-linux.so.2 (0x2)\n";
        assert_eq!(loaded(listed), ["/lib/x/libm.so.6", "/lib64/ld-linux.so.2"]);
        assert!(loaded("\tstatically linked\n").is_empty());
    }
}
