//! The nearest right name for a wrong one.

/// The candidate that `name` is most likely a misspelling of, where one is near enough to be worth naming.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelling_finds_its_name_and_a_stranger_none() {
        assert_eq!(
            nearest("fail-on-warm", ["no-fail", "fail-on-warn"]),
            Some("fail-on-warn")
        );
        assert_eq!(nearest("zzz", ["no-fail", "fail-on-warn"]), None);
    }
}
