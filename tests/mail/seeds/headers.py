"""Headers in the shape that mailbox services write them, with made-up names, for a message of example.com."""

from __future__ import annotations

ICLOUD = """Received: from ci74p00im-qukt09072702.me.com by p116-mailgateway-smtp-746c496c44-6mknn (mailgateway 2403B92)
\twith SMTP id 4f24e911 for <ann@icloud.test>; Tue, 2 Jan 2024 18:52:56 GMT
X-Apple-MoveToFolder: INBOX
Received: from send.example.com (send.example.com [192.0.2.1])
\tby ci74p00im-qukt09072702.me.com (Postfix) with ESMTPS id 11C766C0012C for <ann@icloud.test>; Tue,  2 Jan 2024
Authentication-Results: bimi.icloud.com; bimi=skipped reason="insufficient dmarc"
X-ARC-Info: policy=fail; arc=none
Authentication-Results: arc.icloud.com; arc=none
Authentication-Results: dmarc.icloud.com; dmarc=pass header.from=example.com
X-DMARC-Policy: none
Authentication-Results: dkim-verifier.icloud.com;
\tdkim=pass (1024-bit key) header.d=example.com header.i=sales@example.com header.b=I77INjus
Authentication-Results: spf.icloud.com; spf=pass (spf.icloud.com: domain of a@example.com designates 192.0.2.1)
 smtp.mailfrom=a@example.com
Received: from app by send.example.com
"""
FASTMAIL = """Received: from ams-compute-02.internal (ams-compute-02.internal [10.64.2.62])
\t by slotai03m05 (Cyrus 3.13.7) with LMTPA; Tue, 29 Sep 2026 14:02:14 -0400
X-Spam-score: 0.0
Received: from phl-mx-04 ([10.202.2.203])
  by ams-compute-02.internal (LMTPProxy); Tue, 29 Sep 2026 14:02:14 -0400
Received: from phl-mx-04.messagingengine.com (localhost [127.0.0.1])
\tby mailmx.phl.internal (Postfix) with ESMTP id A71211EA00E7 for <ann@own.test>; Tue, 29 Sep 2026 14:02:11 -0400
Received: from mailmx.phl.internal (localhost [127.0.0.1])
    by phl-mx-04.messagingengine.com (Authentication Milter) with ESMTP
    id 35022C783BF.281071EA00F1; Tue, 29 Sep 2026 14:02:11 -0400
ARC-Authentication-Results: i=1; phl-mx-04.messagingengine.com; dkim=fail
Authentication-Results: phl-mx-04.messagingengine.com;
    arc=none (no signatures found);
    dkim=pass (2048-bit rsa key sha256) header.d=example.com header.i=@example.com header.b=P1aaAAaa x-bits=2048;
    dmarc=pass policy.published-domain-policy=none policy.applied-disposition=none header.from=example.com;
    iprev=pass policy.iprev=192.0.2.1 (send.example.com);
    spf=pass smtp.mailfrom=a@example.com smtp.helo=send.example.com
Received: from send.example.com (send.example.com [192.0.2.1])
\tby phl-mx-04.messagingengine.com (Postfix) with ESMTPS id 281071EA00F1 for <ann@own.test>
Received: from app by send.example.com
"""
YAHOO = """Received: from 127.0.0.1
 by atlas206.aol.mail.ne1.yahoo.com with HTTPS; Mon, 21 Jun 2021 15:36:02 +0000
Return-Path: <a@example.com>
X-Originating-Ip: [192.0.2.1]
Received-SPF: pass (domain of example.com designates 192.0.2.1 as permitted sender)
Authentication-Results: atlas206.aol.mail.ne1.yahoo.com;
 dkim=pass header.i=@example.com header.s=default;
 spf=pass smtp.mailfrom=example.com;
 dmarc=pass(p=NONE) header.from=example.com;
X-Apparently-To: ann@aol.test; Mon, 21 Jun 2021 15:36:02 +0000
Received: from 192.0.2.1 (EHLO send.example.com)
 by 10.253.236.51 with SMTPs; Mon, 21 Jun 2021 15:36:02 +0000
"""
ZOHO = """Delivered-To: ann@own.test
Received-SPF: pass (zohomail.com: domain of example.com designates 192.0.2.1 as permitted sender) client-ip=192.0.2.1;
Authentication-Results: mx.zohomail.com;
\tdkim=pass;
\tspf=pass (zohomail.com: domain of example.com designates 192.0.2.1 as permitted sender)  smtp.mailfrom=a@example.com;
\tdmarc=pass(p=none dis=none)  header.from=example.com
Received: from send.example.com (send.example.com [192.0.2.1]) by mx.zohomail.com
\twith SMTPS id 1508790023478635; Mon, 23 Oct 2017 13:20:23 -0700 (PDT)
"""
PROTON = """Return-Path: <a@example.com>
Delivered-To: ann@own.test
Received: from send.example.com (send.example.com [192.0.2.1])
 (using TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)
  key-exchange X25519 server-signature RSA-PSS (4096 bits) server-digest SHA512)
 by mailin043.protonmail.ch (Postfix) with ESMTPS id XXXXX; Fri, 03 Jul 2026 04:59:35 +0000 (UTC)
Authentication-Results: mail.protonmail.ch; dmarc=pass (p=quarantine dis=none)
 header.from=example.com
Authentication-Results: mail.protonmail.ch; spf=pass smtp.mailfrom=example.com
Authentication-Results: mail.protonmail.ch; arc=none smtp.remote-ip=192.0.2.1
Authentication-Results: mail.protonmail.ch; dkim=pass (1024-bit key)
 header.d=example.com header.i=@example.com
"""
OUTLOOK = """Received: from A.eurprd05.prod.outlook.com (2603:10a6::1) by B.eurprd05.prod.outlook.com with HTTPS
Received: from C.eop-NAM03.prod.protection.outlook.com (10.152.80.52) by A.eurprd05.prod.outlook.com (10.152.80.254)
 with Microsoft SMTP Server (version=TLS1_2) id 15.20.1987.11
Authentication-Results: spf=pass (sender IP is 192.0.2.1)
 smtp.mailfrom=example.com; own.test; dkim=pass (signature was verified)
 header.d=example.com;own.test; dmarc=pass action=none
 header.from=example.com;compauth=pass reason=100
Received-SPF: Pass (protection.outlook.com: domain of example.com designates 192.0.2.1 as permitted sender)
Received: from send.example.com (192.0.2.1) by C.mail.protection.outlook.com (10.13.175.91) with Microsoft SMTP Server
"""
EVERY = {
    "icloud": ICLOUD,
    "fastmail": FASTMAIL,
    "yahoo": YAHOO,
    "zoho": ZOHO,
    "proton": PROTON,
    "outlook": OUTLOOK,
}
"""None of them names a mailbox of the service's own domain: customers bring their own."""
