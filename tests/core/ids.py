"""The complete lists of ids that the sprint is held to, as data."""

ROADMAP = """
H1 H2 H3 H4 H5 B01 B02 B03 B04 B05 B06 B07 B08 B09 B10 B11 B12 S1 S1.1 S1.2 S1.3 S1.4 S1.5 S1.6 S1.D1 S1.D2
S1.F1 S1.F2 S2 S2.1 S2.2 S2.3 S2.4 S2.5 S2.D1 S2.D2 S2.F1 S2.F2 S3 S3.1 S3.2 S3.3 S3.4 S3.5 S3.D1 S3.F1 S3.F2 S4
S4.1 S4.2 S4.3 S4.4 S4.5 S4.D1 S4.F1 S4.F2 S5 S5.1 S5.2 S5.3 S5.4 S5.5 S5.D1 S5.F1 S5.F2 S6 S6.1 S6.2 S6.3 S6.4
T1 T2 T3 T4 S6.F1 S7 S7.1 S7.2 S7.3 S7.4 D1 D2 D3 D4 D5 S7.F1 A1 A2 A3 A4 A5 A6 A7 N1 N2 N3 N4 N5 N6 N7 U1 U2 U3
""".split()
"""Every id of the roadmap."""

CHECKS = """
dns.name-missing dns.apex-address-missing dns.address-not-public dns.apex-conflict dns.cname-conflict
dns.cname-broken dns.takeover dns.www-missing dns.ns-lame dns.ns-mismatch dns.ns-single dns.answers-differ
dns.resolvers-differ dns.dnssec-bogus dns.wildcard dns.subdomain-undeclared dns.subdomain-broken dns.caa-blocks
dns.ttl-high dns.registration-expiring dns.registration-unlocked tls.unreachable tls.cert-expired
tls.cert-expiring tls.cert-name tls.cert-untrusted tls.chain-incomplete tls.key-weak tls.version-old
tls.version-modern web.unreachable web.error web.http-open web.canonical-split web.redirect-loop
web.redirect-chain web.redirect-temporary web.redirect-downgrade web.redirect-drops-path web.campaign-broken
web.canonical-tag web.noindex web.placeholder web.mixed-content web.dev-url web.ipv6-broken web.slow edge.none
edge.origin-exposed edge.ssl-mode edge.static-uncached edge.private-cached edge.no-compression edge.no-http2
edge.rate-limit headers.hsts headers.csp headers.framing headers.nosniff headers.referrer headers.cookies
headers.cors exposure.env-file exposure.git exposure.source-map exposure.bundle-secret
exposure.directory-listing exposure.debug spf.missing spf.multiple spf.syntax spf.lookup-limit spf.void-lookups
spf.include-broken spf.all-permissive spf.ptr spf.sender-missing spf.sender-unapproved dkim.missing dkim.syntax
dkim.key-weak dkim.revoked dkim.testing dmarc.missing dmarc.multiple dmarc.syntax dmarc.policy-none
dmarc.subdomains-open dmarc.no-reports dmarc.reports-refused dmarc.obsolete-tag mx.missing mx.target
mx.unreachable mx.starttls mta-sts.invalid tls-rpt.syntax mail.streams-mixed mail.seed-lost mail.seed-spam
mail.seed-auth deploy.ci-missing deploy.build-fails deploy.lockfile-missing deploy.env-missing
deploy.env-undocumented deploy.env-committed deploy.env-shared deploy.migration-destructive
deploy.migration-locking deploy.migration-irreversible deploy.rollback-missing secrets.in-tree
secrets.in-history watch.down watch.uptime watch.region watch.uncovered alert.undelivered alert.unread
errors.none errors.lost errors.log-leak errors.log-thin form.insecure form.broken form.silent ai.leak
ai.tool-abuse
""".split()
"""Every id of the catalogue that must exist."""
