//! The choices that a policy is made by: drawn at random, or given. A generator that only draws here can be shrunk by
//! shrinking its choices: fewer and smaller ones make a smaller policy.

/// A xorshift generator: the same numbers from the same seed everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// A number below `limit`.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() >> 16).unwrap_or_default() % limit.max(1)
    }
}

/// Choices that have been made, and where those that follow come from.
pub(crate) struct Choices<'r> {
    made: Vec<usize>,
    given: &'r [usize],
    random: Option<&'r mut Random>,
}

impl<'r> Choices<'r> {
    /// Choices at random.
    pub(crate) fn drawn(random: &'r mut Random) -> Self {
        Self {
            made: Vec::new(),
            given: &[],
            random: Some(random),
        }
    }

    /// These choices, and the first of all for those that are not given.
    pub(crate) fn given(given: &'r [usize]) -> Self {
        Self {
            made: Vec::new(),
            given,
            random: None,
        }
    }

    /// A choice among so many. The first should be the simplest.
    pub(crate) fn among(&mut self, count: usize) -> usize {
        let choice = match &mut self.random {
            Some(random) => random.below(count),
            None => self.given.get(self.made.len()).map_or(0, |given| given % count.max(1)),
        };
        self.made.push(choice);
        choice
    }

    /// Whether something happens that does so once in `times`.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.among(times) + 1 == times
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.among(from.len())]
    }

    /// One of these texts.
    pub(crate) fn word<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.among(from.len())]
    }

    /// All that were made.
    pub(crate) fn into_made(self) -> Vec<usize> {
        self.made
    }
}

/// The smallest choices for which `fails` still holds, as far as a few hundred trials find them.
pub(crate) fn shrink(mut choices: Vec<usize>, mut fails: impl FnMut(&[usize]) -> bool) -> Vec<usize> {
    const TRIALS: usize = 3000;
    let mut trials = 0;
    let mut chunk = choices.len().div_ceil(2).max(1);
    loop {
        let mut at = 0;
        let mut better = false;
        while at < choices.len() && trials < TRIALS {
            let end = (at + chunk).min(choices.len());
            let without = [&choices[..at], &choices[end..]].concat();
            let mut zeroed = choices.clone();
            zeroed[at..end].fill(0);
            let halved = (chunk == 1).then(|| {
                let mut halved = choices.clone();
                halved[at] /= 2;
                halved
            });
            let smaller = [Some(without), Some(zeroed), halved].into_iter().flatten();
            let found = smaller.filter(|trial| *trial != choices).find(|trial| {
                trials += 1;
                fails(trial)
            });
            match found {
                Some(found) => {
                    choices = found;
                    better = true;
                }
                None => at = end,
            }
        }
        if trials >= TRIALS || chunk == 1 && !better {
            return choices;
        }
        if !better {
            chunk = chunk.div_ceil(2).min(chunk - 1).max(1);
        }
    }
}
