//! The identity on disk: `key.pem` (secret) and `certificate.pem` (made anew from the key when it is
//! lost, broken or about to expire).

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Write as _},
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rcgen::{
    CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, KeyPair,
    KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PublicKeyData as _, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, pem::PemObject as _};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::IdentityError;

const KEY: &str = "key.pem";
const CERTIFICATE: &str = "certificate.pem";
/// Far over either file; a longer one isn't ours.
const MAX_FILE_BYTES: u64 = 16 * 1024;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// Under the 825 days Apple's systems accept of any server certificate. Browsers remember that a
/// person accepted *this* certificate, so it should not change often.
const VALIDITY: Duration = Duration::from_secs(800 * 24 * 60 * 60);
/// A certificate with less time left than this is replaced at the start.
const RENEW_BEFORE: Duration = Duration::from_secs(60 * 24 * 60 * 60);

pub(super) fn load_or_create_key(folder: &Path) -> Result<KeyPair, IdentityError> {
    let path = folder.join(KEY);
    let Some(text) = read(&path, true)? else {
        let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
        create_folder(folder)?;
        write(folder, KEY, &key.serialize_pem())?;
        return Ok(key);
    };
    let corrupt = || IdentityError::Corrupt { path: path.clone() };
    let key = KeyPair::from_pem(&text).map_err(|_| corrupt())?;
    if key.is_compatible(&PKCS_ECDSA_P256_SHA256) {
        Ok(key)
    } else {
        Err(corrupt())
    }
}

pub(super) fn load_or_create_certificate(
    folder: &Path,
    key: &KeyPair,
) -> Result<CertificateDer<'static>, IdentityError> {
    let stored = read(&folder.join(CERTIFICATE), false)?
        .and_then(|text| CertificateDer::from_pem_slice(text.as_bytes()).ok())
        .filter(|certificate| is_usable(certificate, key));
    if let Some(certificate) = stored {
        return Ok(certificate);
    }
    let made = make_certificate(key)?;
    write(folder, CERTIFICATE, &made.pem())?;
    Ok(made.der().clone())
}

fn is_usable(certificate: &CertificateDer<'_>, key: &KeyPair) -> bool {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
        return false;
    };
    let soon = (since_epoch() + RENEW_BEFORE).as_secs();
    parsed.public_key().raw == key.subject_public_key_info()
        && u64::try_from(parsed.validity().not_after.timestamp()).is_ok_and(|end| end > soon)
}

fn make_certificate(key: &KeyPair) -> Result<rcgen::Certificate, rcgen::Error> {
    let mut params = CertificateParams::new(vec!["localhost".to_owned()])?;
    params.distinguished_name = DistinguishedName::new();
    params
        .distinguished_name
        .push(DnType::CommonName, "Lanline");
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![
        ExtendedKeyUsagePurpose::ServerAuth,
        ExtendedKeyUsagePurpose::ClientAuth,
    ];
    // A day back, for devices whose clock is behind.
    let now = date_time_ymd(1970, 1, 1) + since_epoch();
    params.not_before = now - DAY;
    params.not_after = now + VALIDITY;
    params.self_signed(key)
}

fn since_epoch() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}

/// The file's text, or nothing if there is no such file.
fn read(path: &Path, secret: bool) -> Result<Option<String>, IdentityError> {
    let not_readable = |source| IdentityError::NotReadable {
        path: path.to_owned(),
        source,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        // Something else stands where the folder should: making it will say so.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(not_readable(error)),
    };
    if secret {
        let mode = mode(&file).map_err(not_readable)?;
        if mode & 0o077 != 0 {
            return Err(IdentityError::Exposed {
                path: path.to_owned(),
                mode,
            });
        }
    }
    let mut text = String::new();
    match file.take(MAX_FILE_BYTES).read_to_string(&mut text) {
        Ok(_) => Ok(Some(text)),
        // Not UTF-8: as broken as any other text that is no PEM.
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Ok(Some(String::new())),
        Err(error) => Err(not_readable(error)),
    }
}

#[cfg(unix)]
fn mode(file: &File) -> io::Result<u32> {
    use std::os::unix::fs::MetadataExt as _;
    Ok(file.metadata()?.mode() & 0o7777)
}

/// Elsewhere the data directory is under the person's profile, which others can't read.
#[cfg(not(unix))]
fn mode(_: &File) -> io::Result<u32> {
    Ok(0o600)
}

fn create_folder(folder: &Path) -> Result<(), IdentityError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
        .create(folder)
        .map_err(|source| IdentityError::NotWritable {
            path: folder.to_owned(),
            source,
        })
}

/// Writes a file whole or not at all: a power cut leaves no half key behind.
fn write(folder: &Path, name: &str, text: &str) -> Result<(), IdentityError> {
    let path = folder.join(name);
    let temporary = folder.join(format!("{name}.{:08x}.tmp", rand::random::<u32>()));
    let result = write_new(&temporary, text)
        .and_then(|()| fs::rename(&temporary, &path))
        .and_then(|()| sync_folder(folder));
    result.map_err(|source| {
        // Nothing to do if it was never made.
        let _ = fs::remove_file(&temporary);
        IdentityError::NotWritable { path, source }
    })
}

fn write_new(path: &Path, text: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the rename last over a power cut; only unix can open a directory for it.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(folder)?.sync_all()
    } else {
        Ok(())
    }
}
