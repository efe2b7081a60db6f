-- SPDX-License-Identifier: Apache-2.0
-- The roles tickrisk needs, for a database of its own. Run once as a superuser or whoever may make roles:
--
--     createdb --encoding=UTF8 --template=template0 tickrisk
--     psql -d tickrisk -f roles.sql
--     tickrisk store migrate --to 'postgresql://tickrisk_owner@/tickrisk?host=/run/postgresql' --grant tickrisk
--
-- tickrisk_owner owns schema and tables, and is used for `tickrisk store migrate` and `store copy` alone. tickrisk is
-- the daemon: it reads, adds to the journal's chained tables, and changes the tables of current values. It can neither
-- change nor remove an order, fill, cash entry, adjustment, book or audit entry, make tables, nor drop anything but days
-- of history through one function. tickrisk_reader is for reports. None is given a password here: on this machine
-- pg_hba.conf may map system users (peer); elsewhere set one with \password and put it in store.password_file.

CREATE ROLE tickrisk_owner LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE tickrisk LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;
CREATE ROLE tickrisk_reader LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA tickrisk AUTHORIZATION tickrisk_owner;
GRANT USAGE ON SCHEMA tickrisk TO tickrisk, tickrisk_reader;

-- The reader sees all tables but those with hashes of passwords and tokens, and tables that come later too.
ALTER DEFAULT PRIVILEGES FOR ROLE tickrisk_owner IN SCHEMA tickrisk GRANT SELECT ON TABLES TO tickrisk_reader;
