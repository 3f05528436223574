"""What keys and tokens of known services look like, after their makers' documentation.

Each pattern has one group or none: the group, or all of the match, is the secret. A match still has to
look random (see secrets.is_random): documentation is full of keys that are none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class KnownSecret:
    """`kind` is what a report says; one of `hints` is in every text that the pattern matches."""

    kind: str
    hints: tuple[str, ...]
    pattern: re.Pattern[str]


def _known(kind: str, hints: str, pattern: str) -> KnownSecret:
    return KnownSecret(kind, tuple(hints.split("|")), re.compile(pattern))


KNOWN_SECRETS = (
    _known("AWS access key", "AKIA", r"\b(AKIA[0-9A-Z]{16})\b"),
    _known("AWS access key", "ASIA", r"\b(ASIA[0-9A-Z]{16})\b"),
    _known("GitHub token", "ghp_|gho_|ghu_|ghs_|ghr_", r"\b(gh[pousr]_[A-Za-z0-9]{36,255})\b"),
    _known("GitHub token", "github_pat_", r"\b(github_pat_[A-Za-z0-9_]{50,255})\b"),
    _known(
        "GitLab token",
        "glpat-|glptt-|gldt-|glrt-|glsoat-|glcbt-",
        r"\b(gl(?:pat|ptt|dt|rt|soat|cbt)-[\w-]{20,64})",
    ),
    _known(
        "Slack token", "xoxa-|xoxb-|xoxe-|xoxo-|xoxp-|xoxr-|xoxs-", r"\b(xox[abeoprs]-[A-Za-z0-9-]{20,255})"
    ),
    _known("Slack token", "xapp-", r"\b(xapp-\d-[A-Za-z0-9-]{30,255})"),
    _known(
        "Slack webhook", "hooks.slack.com", r"hooks\.slack\.com/(?:services|workflows)/([A-Za-z0-9/]{40,80})"
    ),
    _known("Discord webhook", "webhooks/", r"discord(?:app)?\.com/api/webhooks/\d{15,22}/([\w-]{50,80})"),
    _known("Discord token", ".", r"\b([MNO][A-Za-z\d_-]{23,27}\.[\w-]{6}\.[\w-]{27,40})\b"),
    _known("Stripe key", "_live_", r"\b([rs]k_live_[A-Za-z0-9]{20,247})\b"),
    _known("Stripe key", "_test_", r"\b([rs]k_test_[A-Za-z0-9]{20,247})\b"),
    _known("webhook secret", "whsec_", r"\b(whsec_[A-Za-z0-9+/=]{24,500})"),
    _known("Google API key", "AIza", r"\b(AIza[\w-]{35})(?![\w-])"),
    _known("Google OAuth secret", "GOCSPX-", r"\b(GOCSPX-[\w-]{28})(?![\w-])"),
    _known("Google OAuth token", "ya29.", r"\b(ya29\.[\w-]{30,500})"),
    _known("Anthropic key", "sk-ant-", r"\b(sk-ant-(?:api|admin|sid)\d{2}-[\w-]{60,500})"),
    _known("OpenAI key", "T3BlbkFJ", r"\b(sk-[\w-]{20,500}T3BlbkFJ[\w-]{20,500})"),
    _known("OpenAI key", "sk-", r"(?<![\w-])(sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{40,500})(?![\w-])"),
    _known("Hugging Face token", "hf_", r"\b(hf_[A-Za-z0-9]{34,500})\b"),
    _known("Groq key", "gsk_", r"\b(gsk_[A-Za-z0-9]{40,500})\b"),
    _known("Replicate token", "r8_", r"\b(r8_[A-Za-z0-9]{37})\b"),
    _known("npm token", "npm_", r"\b(npm_[A-Za-z0-9]{36})\b"),
    _known("PyPI token", "pypi-", r"\b(pypi-AgE[\w-]{50,500})"),
    _known("SendGrid key", "SG.", r"\b(SG\.[\w-]{20,24}\.[\w-]{39,50})"),
    _known("Mailgun key", "key-", r"\b(key-[0-9a-f]{32})\b"),
    _known("Mailchimp key", "-us", r"\b([0-9a-f]{32}-us\d{1,2})\b"),
    _known("Twilio key", "SK", r"\b(SK[0-9a-f]{32})\b"),
    _known("Shopify token", "shpat_|shpca_|shppa_|shpss_", r"\b(shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32})\b"),
    _known("Square token", "sq0", r"\b(sq0(?:atp|csp|idp)-[\w-]{22,43})"),
    _known("DigitalOcean token", "_v1_", r"\b(do[opr]_v1_[0-9a-f]{64})\b"),
    _known("Databricks token", "dapi", r"\b(dapi[0-9a-f]{32})\b"),
    _known("Supabase token", "sbp_|sb_secret_", r"\b(sb(?:p|_secret)_[\w-]{30,500})"),
    _known("Vault token", "hvs.|hvb.|hvr.", r"\b(hv[sbr]\.[\w-]{24,500})"),
    _known("Linear key", "lin_api_", r"\b(lin_api_[A-Za-z0-9]{40})\b"),
    _known("Notion token", "ntn_", r"\b(ntn_[A-Za-z0-9]{40,500})\b"),
    _known("Grafana token", "glsa_|glc_", r"\b(glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/=]{32,500})"),
    _known("New Relic key", "NRAK-", r"\b(NRAK-[A-Z0-9]{27})\b"),
    _known("Sentry token", "sntrys_|sntryu_", r"\b(sntry[su]_[\w=/+-]{40,500})"),
    _known(
        "Doppler token",
        "dp.pt.|dp.st.|dp.ct.|dp.sa.|dp.scim.|dp.audit.",
        r"\b(dp\.(?:pt|st|ct|sa|scim|audit)\.[A-Za-z0-9]{40,44})\b",
    ),
    _known("Pulumi token", "pul-", r"\b(pul-[0-9a-f]{40})\b"),
    _known("Terraform token", ".atlasv1.", r"\b([A-Za-z0-9]{14}\.atlasv1\.[\w=-]{60,500})"),
    _known("Postman key", "PMAK-", r"\b(PMAK-[0-9a-f]{24}-[0-9a-f]{34})\b"),
    _known("Atlassian token", "ATATT3", r"\b(ATATT3[\w=-]{150,500})"),
    _known("Airtable token", "pat", r"\b(pat[A-Za-z0-9]{14}\.[0-9a-f]{64})\b"),
    _known("Netlify token", "nfp_", r"\b(nfp_[A-Za-z0-9]{36,500})\b"),
    _known("Figma token", "figd_", r"\b(figd_[\w-]{40,500})"),
    _known("Mapbox token", "sk.eyJ", r"\b(sk\.eyJ[\w-]{50,500}\.[\w-]{20,500})"),
    _known("Telegram token", ":AA", r"\b(\d{8,10}:AA[\w-]{33})(?![\w-])"),
    _known("Azure key", "Key=", r"(?:AccountKey|SharedAccessKey)=([A-Za-z0-9+/]{42,86}={1,2})"),
    _known("age key", "AGE-SECRET-KEY-", r"\b(AGE-SECRET-KEY-1[0-9A-Z]{58})\b"),
    _known("JSON web token", "eyJ", r"\b(eyJ[\w-]{15,500}\.eyJ[\w-]{15,500}\.[\w-]{20,500})"),
    _known("Telegram or bot token", "/bot", r"/bot(\d{8,10}:[\w-]{35})/"),
    _known("bearer token", "earer ", r"\b[Bb]earer +([A-Za-z0-9_\-.+/=]{24,500})"),
    _known("basic authorization", "asic ", r"\b[Bb]asic +([A-Za-z0-9+/]{24,500}={0,2})"),
)

PRIVATE_KEY = re.compile(
    r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----(.*?)(?:-----END|\Z)", re.DOTALL
)
SECRET_NAME = (
    r"(?:api|app|access|secret|private|auth|encryption|signing|session|service|account|storage|master)"
    r"[_\-.]?key|secret|token|passwo?r?d|passwd|passphrase|pwd|credential"
)
WORDS_OF_SECRET_NAMES = ("key", "secret", "token", "passw", "passp", "pwd", "credential")
ASSIGNMENT = re.compile(
    rf"(?:{SECRET_NAME})[\w\-.]{{0,64}}"
    r"(?:[\"'`]?\]?[ \t]*(?::[ \t]*[\w<>\[\]| ]{1,24}?[ \t]*=|=>|:=|=(?!=)|:(?!:))[ \t]*"
    r"|[\"'`]\s*,\s*(?=[\"'`]))"
    r"(?:(?P<quote>[\"'`])(?P<quoted>[^\"'`\n]{8,512})(?P=quote)|(?P<bare>[^\s\"'`,;<>(){}\[\]]{8,512}))",
    re.IGNORECASE,
)
"""A value after a name that ends in, or goes on from, one of a secret; the beginning of the name stands
before the match."""
ADDRESS = re.compile(
    r"\b[a-z][a-z0-9+.-]{2,20}://([^\s:/@\"'`<>{}$]{1,64}):([^\s@/\"'`<>{}]{6,128})@([\w.-]+)", re.I
)
