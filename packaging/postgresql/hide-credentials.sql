-- SPDX-License-Identifier: Apache-2.0
-- After `tickrisk store migrate`, as tickrisk_owner: whoever reads for reports needs no hashes of passwords and tokens.

REVOKE SELECT ON tickrisk.users, tickrisk.sessions, tickrisk.tokens FROM tickrisk_reader;
