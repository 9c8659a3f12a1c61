//! Exemptions: findings that are waived in `kpolicy.toml`, with a reason. What they waive is reported as
//! waived, and an exemption that waives nothing is reported too.

use jiff::civil::Date;

use crate::finding::{Check, Finding, Input, Location, Waived};
use crate::pattern::Pattern;

/// One `[[exempt]]` of the settings: findings that fit all that it says.
#[derive(Clone, Debug)]
pub struct Exemption {
    /// Which policies, by their ids.
    pub policy: Vec<Pattern>,
    /// Which kinds of objects; any, where it says none.
    pub kind: Vec<Pattern>,
    /// Which names of objects.
    pub name: Vec<Pattern>,
    /// Which namespaces, as objects say them themselves.
    pub namespace: Vec<Pattern>,
    /// Which labels of objects, `key` or `key=value`.
    pub label: Vec<Pattern>,
    /// Which files.
    pub file: Vec<Pattern>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Date>,
    /// Where it is in the settings.
    pub location: Location,
}

impl Exemption {
    /// Whether it holds on a day.
    pub fn holds_on(&self, today: Date) -> bool {
        self.expires.is_none_or(|last| today <= last)
    }

    fn fits(&self, finding: &Finding) -> bool {
        let any =
            |patterns: &[Pattern], fits: &dyn Fn(&Pattern) -> bool| patterns.is_empty() || patterns.iter().any(fits);
        let of_object = |patterns: &[Pattern], text: fn(&crate::finding::Resource) -> &str| {
            let object = finding.resource();
            any(patterns, &|pattern| {
                object.is_some_and(|object| pattern.fits(text(object)))
            })
        };
        let labelled = |pattern: &Pattern| {
            let labels = finding.resource().into_iter().flat_map(|object| &object.labels);
            labels.into_iter().any(|(key, value)| {
                if pattern.text.contains('=') {
                    pattern.fits(&format!("{key}={value}"))
                } else {
                    pattern.fits(key)
                }
            })
        };
        self.policy.iter().any(|pattern| pattern.fits_path(&finding.rule))
            && of_object(&self.kind, |object| &object.kind)
            && of_object(&self.name, |object| &object.name)
            && of_object(&self.namespace, |object| &object.namespace)
            && any(&self.label, &labelled)
            && any(&self.file, &|pattern| pattern.fits_path(&finding.location.file))
    }
}

/// Makes the findings that an exemption sets aside waived ones; gives for each exemption how many these are. Of several
/// that fit the first counts.
pub fn apply(checks: &mut [Check], exemptions: &[Exemption], today: Date) -> Vec<usize> {
    let mut counts = vec![0; exemptions.len()];
    if exemptions.is_empty() {
        return counts;
    }
    for check in checks {
        for finding in std::mem::take(&mut check.findings) {
            let mut fitting = exemptions.iter().zip(&mut counts);
            let found = fitting.find(|(exemption, _)| exemption.holds_on(today) && exemption.fits(&finding));
            match found {
                Some((exemption, count)) => {
                    *count += 1;
                    check.waived.push(waived(check.file.clone(), exemption, finding));
                }
                None => check.findings.push(finding),
            }
        }
    }
    counts
}

fn waived(file: Input, exemption: &Exemption, finding: Finding) -> Waived {
    Waived {
        file,
        rule: finding.rule.clone(),
        namespace: finding.namespace.clone(),
        rule_name: finding.rule_name.clone(),
        reason: exemption.reason.clone(),
        findings: vec![finding],
    }
}
