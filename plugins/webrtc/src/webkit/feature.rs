//! WebKitGTK's switches for features in the making, which the webkit2gtk crate (2.0.2) does not bind.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

use webkit2gtk::{Settings, ffi::WebKitSettings, glib::translate::ToGlibPtr};

/// `WebKitFeature`, opaque.
#[repr(C)]
struct Feature {
    _opaque: [u8; 0],
}

/// `WebKitFeatureList`, opaque.
#[repr(C)]
struct FeatureList {
    _opaque: [u8; 0],
}

// WebKitGTK 2.42, WebKitFeature.h and WebKitSettings.h.
unsafe extern "C" {
    fn webkit_settings_get_all_features() -> *mut FeatureList;
    fn webkit_feature_list_get_length(list: *mut FeatureList) -> usize;
    fn webkit_feature_list_get(list: *mut FeatureList, index: usize) -> *mut Feature;
    fn webkit_feature_list_unref(list: *mut FeatureList);
    fn webkit_feature_get_identifier(feature: *mut Feature) -> *const c_char;
    fn webkit_settings_set_feature_enabled(
        settings: *mut WebKitSettings,
        feature: *mut Feature,
        enabled: i32,
    );
}

/// Switches a feature on. False: this WebKitGTK has none of that name.
pub(super) fn enable(settings: &Settings, identifier: &str) -> bool {
    // SAFETY: takes nothing; gives a list we own, or null.
    let list = unsafe { webkit_settings_get_all_features() };
    if list.is_null() {
        return false;
    }
    // SAFETY: the list is valid until it is unreferenced below.
    let length = unsafe { webkit_feature_list_get_length(list) };
    let mut found = false;
    for index in 0..length {
        // SAFETY: the index is within the list; the feature belongs to the list, which outlives it.
        let feature = unsafe { webkit_feature_list_get(list, index) };
        // SAFETY: the feature is valid (above); its identifier is a C string that lives as long.
        let name = unsafe { CStr::from_ptr(webkit_feature_get_identifier(feature)) };
        if name.to_bytes() == identifier.as_bytes() {
            // SAFETY: the settings are a live object for the length of the call, as is the feature; 1 is TRUE.
            unsafe {
                webkit_settings_set_feature_enabled(settings.to_glib_none().0, feature, 1);
            }
            found = true;
        }
    }
    // SAFETY: ours, and not used after this.
    unsafe { webkit_feature_list_unref(list) };
    found
}
