//! Networks, IPv4 and IPv6 in one: addresses of 128 bits, those of IPv4 as they are mapped into IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, ToSocketAddrs};

use super::operand::text as characters;
use super::registry::{Capability, Family, Origin, needs, pure};
use super::{Answer, Context, Failure, Operands};
use kpolicy_value::Value;

pub(super) const FAMILY: Family = &[
    needs(
        Capability::Net,
        "net.lookup_ip_addr",
        "(string) -> set[string]",
        "The addresses of a host.",
        lookup,
    ),
    pure(
        "net.cidr_contains",
        "(string, string) -> boolean",
        "Whether a network contains an address or another network.",
        contains,
    )
    .origin(Origin::Test(1)),
    pure(
        "net.cidr_overlap",
        "(string, string) -> boolean",
        "Whether a network contains an address.",
        contains,
    )
    .deprecated(),
    pure(
        "net.cidr_contains_matches",
        "(string | array[string | array[any]] | object{[string]: string | array[any]} | set[string | array[any]], string | array[string | array[any]] | object{[string]: string | array[any]} | set[string | array[any]]) -> set[array<any, any>]",
        "The pairs of networks and the addresses or networks that they contain.",
        contains_matches,
    ),
    pure(
        "net.cidr_expand",
        "(string) -> set[string]",
        "All addresses of a network.",
        expand,
    ),
    pure(
        "net.cidr_intersects",
        "(string, string) -> boolean",
        "Whether two networks have addresses in common.",
        intersects,
    ),
    pure(
        "net.cidr_is_valid",
        "(string) -> boolean",
        "Whether a string is a network in CIDR notation.",
        |_, operands| {
            let valid = operands[0].as_str().and_then(Network::parse).is_some();
            Ok(Some(Value::Bool(valid)))
        },
    ),
    pure(
        "net.cidr_merge",
        "(array[string] | set[string]) -> set[string]",
        "The smallest set of networks that covers these addresses and networks.",
        merge,
    ),
];

/// The addresses of a host, asked once in a run. Follows OPA v1.22 topdown/net.go: builtinLookupIPAddr.
fn lookup(context: &mut Context, operands: Operands) -> Answer {
    let net = context.net()?;
    let name = characters(operands, 0)?;
    if !net.allows(&name, None) {
        return Err(Failure::Limit(format!(
            "disallowed host: {name} (allow it with --allow net={name})"
        )));
    }
    let question = Value::array(vec!["net.lookup_ip_addr".into(), operands[0].clone()]);
    if let Some(answer) = net.answer(&question) {
        return Ok(Some(answer));
    }
    // An address needs no server, and a name without letters is none.
    let found = match name.parse::<IpAddr>() {
        Ok(address) => vec![address],
        Err(_) if name.is_empty() => return Err(Failure::Builtin("lookup : no such host".to_owned())),
        Err(_) => {
            let found = (&*name, 0).to_socket_addrs();
            let found = found.map_err(|_| Failure::Builtin(format!("lookup {name}: no such host")))?;
            found.map(|address| address.ip()).collect()
        }
    };
    let texts = found.into_iter().map(|address| Value::string(address.to_string()));
    Ok(Some(net.keep(question, Value::set(texts.collect()))))
}

/// How many bits stand before an IPv4 address that is mapped into IPv6.
const MAPPED: u32 = 96;

fn address(text: &str) -> Option<u128> {
    match text.parse().ok()? {
        IpAddr::V4(address) => Some(address.to_ipv6_mapped().to_bits()),
        IpAddr::V6(address) => Some(address.to_bits()),
    }
}

fn is_ipv4(address: u128) -> bool {
    address >> 32 == 0xffff
}

fn text(address: u128) -> String {
    match Ipv6Addr::from_bits(address).to_ipv4_mapped() {
        Some(address) => address.to_string(),
        None => Ipv6Addr::from_bits(address).to_string(),
    }
}

/// An address and how many of its leading bits are the network's.
#[derive(Clone, Copy)]
struct Network {
    address: u128,
    prefix: u32,
}

impl Network {
    /// The network that a text in CIDR notation means, its address without the bits of the host.
    fn parse(text: &str) -> Option<Self> {
        let (host, length) = text.split_once('/')?;
        let digits = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        let length: u32 = length.parse().ok().filter(|_| digits)?;
        let before = if host.contains(':') { 0 } else { MAPPED };
        let prefix = length.checked_add(before).filter(|prefix| *prefix <= 128)?;
        let network = Self {
            address: address(host)?,
            prefix,
        };
        Some(Self {
            address: network.first(),
            prefix,
        })
    }

    fn host_bits(self) -> u128 {
        u128::MAX.checked_shr(self.prefix).unwrap_or(0)
    }

    fn first(self) -> u128 {
        self.address & !self.host_bits()
    }

    fn last(self) -> u128 {
        self.address | self.host_bits()
    }

    /// Whether an address is one of the network's; those of IPv4 are none of a network of IPv6.
    fn has(self, address: u128) -> bool {
        is_ipv4(address) == is_ipv4(self.address) && (self.first()..=self.last()).contains(&address)
    }

    /// Whether a network has all addresses of another. In IPv6 the prefixes tell, since the last address of a network
    /// can be one that IPv4 maps to.
    fn contains(self, part: Self) -> bool {
        if is_ipv4(self.address) || is_ipv4(part.address) {
            return self.has(part.address) && self.has(part.last());
        }
        self.prefix <= part.prefix && (self.first()..=self.last()).contains(&part.address)
    }

    fn text(self) -> String {
        let before = if is_ipv4(self.address) { MAPPED } else { 0 };
        format!("{}/{}", text(self.address), self.prefix - before)
    }
}

/// The operand as a network; whichever it is, OPA calls it the first.
fn network(operand: &Value) -> Result<Network, Failure> {
    let text = characters(&[operand], 0)?;
    Network::parse(&text).ok_or_else(|| Failure::Builtin(format!("invalid CIDR address: {text}")))
}

fn intersects(_: &mut Context, operands: Operands) -> Answer {
    let (a, b) = (network(operands[0])?, network(operands[1])?);
    Ok(Some(Value::Bool(a.has(b.address) || b.has(a.address))))
}

fn contains(_: &mut Context, operands: Operands) -> Answer {
    Ok(Some(Value::Bool(network_contains(operands[0], operands[1])?)))
}

/// Whether a network contains an address or another network.
fn network_contains(all: &Value, part: &Value) -> Result<bool, Failure> {
    let all = network(all)?;
    let text = characters(&[part], 0)?;
    if let Some(address) = address(&text) {
        return Ok(all.has(address));
    }
    let part = Network::parse(&text).ok_or_else(|| {
        Failure::Builtin(format!(
            "not a valid textual representation of an IP address or CIDR: {text}"
        ))
    })?;
    Ok(all.contains(part))
}

/// The pairs of indexes (of set members: the members) where the one's network contains the other's.
fn contains_matches(context: &mut Context, operands: Operands) -> Answer {
    let mut found = Vec::new();
    for (index, candidate) in candidates(operands[0]) {
        let all = cidr(1, &candidate)?;
        for (other_index, candidate) in candidates(operands[1]) {
            context.step()?;
            if network_contains(all, cidr(2, &candidate)?)? {
                found.push(Value::array(vec![index.clone(), other_index]));
            }
        }
    }
    Ok(Some(Value::set(found)))
}

/// What an operand offers: its index and itself, or those of its members. Nothing for what is not a text or collection.
fn candidates(operand: &Value) -> Vec<(Value, Value)> {
    match operand {
        Value::String(_) => vec![(operand.clone(), operand.clone())],
        Value::Array(items) => items
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, item)| (at.into(), item))
            .collect(),
        Value::Set(members) => members.iter().map(|member| (member.clone(), member.clone())).collect(),
        Value::Object(object) => object.iter().cloned().collect(),
        _ => vec![],
    }
}

/// The text with a network: a candidate itself, or the first item of one that is an array.
fn cidr(operand: usize, candidate: &Value) -> Result<&Value, Failure> {
    let found = match candidate {
        Value::String(_) => Some(candidate),
        Value::Array(items) => items.first(),
        _ => None,
    };
    found.ok_or_else(|| Failure::Builtin(format!("operand {operand}: element must be string or non-empty array")))
}

/// All addresses of a network.
fn expand(context: &mut Context, operands: Operands) -> Answer {
    let network = network(operands[0])?;
    let more = usize::try_from(network.host_bits()).unwrap_or(usize::MAX);
    context.check_members(more.saturating_add(1))?;
    let mut addresses = Vec::with_capacity(more + 1);
    for address in network.first()..=network.last() {
        context.step()?;
        addresses.push(Value::string(text(address)));
    }
    Ok(Some(Value::set(addresses)))
}

/// A range of addresses; `network` while it is one that stood in the operand.
#[derive(Clone, Copy)]
struct Range {
    first: u128,
    last: u128,
    network: Option<Network>,
}

/// The fewest networks that cover the given networks and addresses.
fn merge(context: &mut Context, operands: Operands) -> Answer {
    let items = match operands[0] {
        Value::Array(items) => items,
        Value::Set(members) => members.as_slice(),
        _ => return Err(Failure::Builtin("operand must be an array".to_owned())),
    };
    let mut ranges = items.iter().map(range).collect::<Result<Vec<_>, _>>()?;
    ranges.sort_by_key(|range| (range.last, range.first));
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges.into_iter().rev() {
        context.step()?;
        match merged.last_mut() {
            Some(above) if before(above.first) <= range.last => {
                above.first = above.first.min(range.first);
                above.network = None;
            }
            _ => merged.push(range),
        }
    }
    let networks = merged.into_iter().flat_map(networks);
    Ok(Some(Value::set(
        networks.map(|network| Value::string(network.text())).collect(),
    )))
}

/// The range of a network, or of the one that an IPv4 address lies in by its class.
fn range(item: &Value) -> Result<Range, Failure> {
    let Value::String(text) = item else {
        return Err(Failure::Builtin("element must be string".to_owned()));
    };
    let network = match address(&text.to_str()) {
        Some(address) if is_ipv4(address) => Network {
            address,
            prefix: MAPPED + class_prefix(address),
        },
        Some(_) => return Err(Failure::Builtin("IPv6 invalid: needs prefix length".to_owned())),
        None => network(item)?,
    };
    Ok(Range {
        first: network.first(),
        last: network.last(),
        network: Some(network),
    })
}

/// How many bits of an IPv4 address are the network's, by the classes of old.
fn class_prefix(address: u128) -> u32 {
    match Ipv6Addr::from_bits(address)
        .to_ipv4_mapped()
        .map(|address| address.octets()[0])
    {
        Some(0..0x80) => 8,
        Some(0x80..0xc0) => 16,
        _ => 24,
    }
}

/// The address before another; the lowest of each kind has none but itself.
fn before(address: u128) -> u128 {
    let lowest = Ipv4Addr::UNSPECIFIED.to_ipv6_mapped().to_bits();
    if address == lowest {
        address
    } else {
        address.saturating_sub(1)
    }
}

/// The fewest networks that make up a range.
fn networks(range: Range) -> Vec<Network> {
    if let Some(network) = range.network {
        return vec![network];
    }
    let mut networks = Vec::new();
    let mut next = Some(range.first);
    while let Some(first) = next.filter(|first| *first <= range.last) {
        // The largest block that starts here and ends within the range.
        let fits = |bits: &u32| {
            let block = Network {
                address: first,
                prefix: 128 - bits,
            };
            block.first() == first && block.last() <= range.last
        };
        let bits = (0..=128).take_while(fits).last().unwrap_or(0);
        let block = Network {
            address: first,
            prefix: 128 - bits,
        };
        networks.push(block);
        next = block.last().checked_add(1);
    }
    networks
}
