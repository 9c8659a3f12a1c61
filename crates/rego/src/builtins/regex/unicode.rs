//! The names that Go gives Unicode's classes in `\p{…}`.

/// What stands for the class in the pattern of the crate `regex`; nothing where Go knows no such name.
///
/// Case, spaces, `-` and `_` in a name do not matter. Scripts of two words have no name that Go finds.
pub(super) fn class(name: &str) -> Option<String> {
    let name: String = name
        .chars()
        .filter(|character| !matches!(character, '_' | '-' | ' '))
        .map(|character| character.to_ascii_lowercase())
        .collect();
    let special = match name.as_str() {
        "any" => r"\x{0}-\x{10FFFF}",
        "assigned" => r"\P{Cn}",
        "ascii" => r"\x{0}-\x{7F}",
        // Surrogates are no characters of a text.
        "cs" | "surrogate" => "a&&b",
        _ => "",
    };
    if !special.is_empty() {
        return Some(format!("[{special}]"));
    }
    let known = |names: &str| names.split(' ').any(|known| known.eq_ignore_ascii_case(&name));
    if known(CATEGORIES) {
        Some(format!(r"\p{{gc={name}}}"))
    } else if known(SCRIPTS) {
        Some(format!(r"\p{{sc={name}}}"))
    } else {
        None
    }
}

const CATEGORIES: &str = "C Cc Cf Cn Co L LC Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps S Sc Sk Sm \
    So Z Zl Zp Zs CasedLetter ClosePunctuation Cntrl CombiningMark ConnectorPunctuation Control CurrencySymbol \
    DashPunctuation DecimalNumber Digit EnclosingMark FinalPunctuation Format InitialPunctuation Letter LetterNumber \
    LineSeparator LowercaseLetter Mark MathSymbol ModifierLetter ModifierSymbol NonspacingMark Number OpenPunctuation \
    Other OtherLetter OtherNumber OtherPunctuation OtherSymbol ParagraphSeparator PrivateUse Punct Punctuation \
    Separator SpaceSeparator SpacingMark Symbol TitlecaseLetter Unassigned UppercaseLetter";

const SCRIPTS: &str = "Adlam Ahom Arabic Armenian Avestan Balinese Bamum Batak Bengali Bhaiksuki Bopomofo Brahmi \
    Braille Buginese Buhid Carian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot Cyrillic Deseret \
    Devanagari Dogra Duployan Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gurmukhi \
    Hangul Hanunoo Han Hatran Hebrew Hiragana Inherited Javanese Kaithi Kannada Katakana Kawi Kharoshthi Khmer Khojki \
    Khudawadi Lao Latin Lepcha Limbu Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen \
    Medefaidrin Miao Modi Mongolian Mro Multani Myanmar Nabataean Nandinagari Newa Nko Nushu Ogham Oriya Osage Osmanya \
    Palmyrene Phoenician Rejang Runic Samaritan Saurashtra Sharada Shavian Siddham Sinhala Sogdian Soyombo Sundanese \
    Syriac Tagalog Tagbanwa Takri Tamil Tangsa Tangut Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai \
    Vithkuqi Wancho Yezidi Yi";
