"""A certificate authority and a signer for one run, to sign example pictures with (C2PA)."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import c2pa
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

SOURCE_TYPES = "http://cv.iptc.org/newscodes/digitalsourcetype/"


PARENT = {"title": "parent.jpg", "relationship": "parentOf", "instance_id": "parent"}


class Signer(NamedTuple):
    """PEM of the authority, of the chain (leaf first) and of the leaf's key."""

    authority: bytes
    chain: bytes
    key: bytes


MONTH = timedelta(days=30)


def make_signer(organisation: str, lifetime: timedelta = MONTH) -> Signer:
    """Make a new authority and a leaf that it signed; C2PA refuses self-signed leaves."""
    now = datetime.now(UTC)
    start, end = now - timedelta(days=1), now + lifetime
    authority_key = ec.generate_private_key(ec.SECP256R1())
    leaf_key = ec.generate_private_key(ec.SECP256R1())
    authority_name = _name("Touchstone example authority", "For tests only")
    authority = (
        _certificate(authority_name, authority_name, authority_key.public_key(), start, end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(authority=True), critical=True)
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(authority_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    leaf = (
        _certificate(
            _name("Example signer", organisation), authority_name, leaf_key.public_key(), start, end
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
        )
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(authority_key.public_key()),
            critical=False,
        )
        .add_extension(
            x509.SubjectKeyIdentifier.from_public_key(leaf_key.public_key()), critical=False
        )
        .sign(authority_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    key = leaf_key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    authority_pem = authority.public_bytes(pem)
    return Signer(authority_pem, leaf.public_bytes(pem) + authority_pem, key)


def sign(picture: bytes, signer: Signer, actions: list[dict[str, Any]], **more: Any) -> bytes:
    """Return the picture, a JPEG, with a C2PA manifest that states these actions.

    `more`: further keys of the manifest definition, `parent` = bytes of a parent JPEG, `mime` =
    type of a picture that is no JPEG, `lax` = sign what breaks the standard's rules as well,
    `gathered` = the actions are what the signer was told, not what he states himself.
    """
    parent: bytes | None = more.pop("parent", None)
    mime: str = more.pop("mime", "image/jpeg")
    settings = {
        "verify": {"verify_after_sign": not more.pop("lax", False)},
        "builder": {
            "created_assertion_labels": [] if more.pop("gathered", False) else ["c2pa.actions"]
        },
    }
    definition = {
        "claim_generator_info": [{"name": "Example Generator", "version": "1.0"}],
        "assertions": [{"label": "c2pa.actions.v2", "data": {"actions": actions}}],
    } | more
    info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, signer.chain, signer.key, None)
    target = io.BytesIO()
    context = c2pa.Context.from_dict(settings)
    with c2pa.Builder(definition, context=context) as builder, c2pa.Signer.from_info(info) as made:
        if parent is not None:
            builder.add_ingredient(PARENT, "image/jpeg", io.BytesIO(parent))
        builder.sign(made, mime, io.BytesIO(picture), target)
    return target.getvalue()


def created(source_type: str) -> list[dict[str, Any]]:
    """Return the action that says how a picture began."""
    return [{"action": "c2pa.created", "digitalSourceType": SOURCE_TYPES + source_type}]


def opened() -> dict[str, Any]:
    """Return the action that says that a picture began as its parent."""
    return {"action": "c2pa.opened", "parameters": {"ingredientIds": [PARENT["instance_id"]]}}


def _name(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
        ]
    )


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    *validity: datetime,
) -> x509.CertificateBuilder:
    start, end = validity
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(end)
    )


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
