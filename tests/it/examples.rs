//! Every example is judged, and prints what is recorded beside it.
//!
//! `cargo xtask bless examples` records the outputs.

use std::path::Path;

use crate::common::{bless, kpolicy};

#[test]
fn every_example_prints_what_is_recorded() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut seen = 0;
    for entry in std::fs::read_dir(root.join("examples")).expect("the examples") {
        let folder = entry.expect("an example").path();
        let line = std::fs::read_to_string(folder.join("command")).expect("each example has its command");
        let readme = std::fs::read_to_string(folder.join("README.md")).expect("each example has a README");
        assert!(
            readme.contains(line.trim()),
            "{} shows another command",
            folder.display()
        );
        let output = kpolicy()
            .args(line.split_whitespace().skip(1))
            .current_dir(root)
            .output()
            .expect("kpolicy runs");
        let found = format!(
            "{}{}exit code {}\n",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
            output.status.code().unwrap_or(-1)
        );
        let expected = folder.join("expected.txt");
        if bless() {
            std::fs::write(&expected, &found).expect("the record can be written");
        }
        let recorded = std::fs::read_to_string(&expected).expect("each example has its recorded output");
        assert_eq!(found, recorded, "{}", folder.display());
        seen += 1;
    }
    assert!(seen >= 26, "the examples are there");
}
