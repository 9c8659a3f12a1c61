//! Builds anew when a file comes to the embedded library or goes: `include_dir` itself sees changed files only.

fn main() {
    println!("cargo::rerun-if-changed=policy");
    println!("cargo::rerun-if-changed=examples/policies");
}
