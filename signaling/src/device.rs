//! What this device is called and what kind it is, until its person says otherwise.

use std::{env, fs, path::Path};

use crate::protocol::{limits::MAX_NAME_CHARS, name::clean_name, ui::DeviceKind};

/// The name when the system has none to offer.
const FALLBACK_NAME: &str = "This computer";

/// SMBIOS chassis types that are carried about (DMTF DSP0134, table 17): portable, laptop, notebook,
/// sub-notebook, convertible, detachable.
const LAPTOP_CHASSIS: [u32; 6] = [8, 9, 10, 14, 31, 32];
/// SMBIOS chassis type of a tablet.
const TABLET_CHASSIS: u32 = 30;

/// The device's name as its system knows it, made pleasant: `anna-laptop.local` becomes `anna laptop`.
#[must_use]
pub fn default_name() -> String {
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .or_else(|_| fs::read_to_string("/etc/hostname"))
        .ok()
        .or_else(|| env::var("COMPUTERNAME").ok())
        .or_else(|| env::var("HOSTNAME").ok());
    host.as_deref()
        .and_then(prettify)
        .unwrap_or_else(|| FALLBACK_NAME.to_owned())
}

/// The kind of this device, as far as its firmware tells.
#[must_use]
pub fn default_kind() -> DeviceKind {
    if cfg!(any(target_os = "android", target_os = "ios")) {
        return DeviceKind::Phone;
    }
    if cfg!(target_os = "linux") {
        let chassis = fs::read_to_string("/sys/class/dmi/id/chassis_type");
        return linux_kind(
            chassis.ok().as_deref(),
            has_battery(Path::new("/sys/class/power_supply")),
        );
    }
    // Without an API of the system there is no telling a MacBook from an iMac.
    if cfg!(any(target_os = "macos", target_os = "windows")) {
        return DeviceKind::Desktop;
    }
    DeviceKind::Unknown
}

fn prettify(host: &str) -> Option<String> {
    let host = host.trim().split('.').next().unwrap_or_default();
    if host.is_empty() || host.eq_ignore_ascii_case("localhost") {
        return None;
    }
    let spaced: String = host
        .chars()
        .map(|c| if matches!(c, '-' | '_') { ' ' } else { c })
        .take(MAX_NAME_CHARS)
        .collect();
    clean_name(&spaced).ok()
}

fn linux_kind(chassis: Option<&str>, battery: bool) -> DeviceKind {
    match chassis.and_then(|text| text.trim().parse::<u32>().ok()) {
        Some(TABLET_CHASSIS) => DeviceKind::Tablet,
        Some(chassis) if LAPTOP_CHASSIS.contains(&chassis) => DeviceKind::Laptop,
        Some(_) | None if battery => DeviceKind::Laptop,
        Some(_) | None => DeviceKind::Desktop,
    }
}

/// Whether a battery of the system itself is there; those of mice and headsets have the scope "Device".
fn has_battery(supplies: &Path) -> bool {
    let Ok(entries) = fs::read_dir(supplies) else {
        return false;
    };
    entries.flatten().any(|entry| {
        let read = |file| fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        read("type").trim() == "Battery" && read("scope").trim() != "Device"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_names_become_names() {
        for (host, name) in [
            ("anna-laptop.local\n", Some("anna laptop")),
            ("DESKTOP_7F3", Some("DESKTOP 7F3")),
            ("小明", Some("小明")),
            ("localhost", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(prettify(host).as_deref(), name, "{host}");
        }
        assert_eq!(
            prettify(&"x".repeat(64)).map(|n| n.chars().count()),
            Some(MAX_NAME_CHARS)
        );
        assert!(clean_name(&default_name()).is_ok());
    }

    #[test]
    fn firmware_tells_the_kind() {
        assert_eq!(linux_kind(Some("10\n"), false), DeviceKind::Laptop);
        assert_eq!(linux_kind(Some("30"), true), DeviceKind::Tablet);
        assert_eq!(linux_kind(Some("3"), false), DeviceKind::Desktop);
        assert_eq!(linux_kind(Some("1"), true), DeviceKind::Laptop);
        assert_eq!(linux_kind(Some("?"), false), DeviceKind::Desktop);
        assert_eq!(linux_kind(None, false), DeviceKind::Desktop);
    }
}
