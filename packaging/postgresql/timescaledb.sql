-- SPDX-License-Identifier: Apache-2.0
-- History in TimescaleDB, beside tickrisk's own tables: a hypertable by second, continuous aggregates by minute and by
-- day, compression and retention. Written by the documentation of TimescaleDB 2.13 and later, and NOT RUN by tickrisk's
-- tests, which have no TimescaleDB: try it on a copy first.
--
-- Run after `tickrisk store migrate`, as a superuser, in the store's database:
--
--     psql -d tickrisk -f timescaledb.sql
--
-- tickrisk reads its own tables only, and works without this. A hypertable cannot be a partition of `history`, so its
-- rows are written a second time, by a trigger, at the cost of that. Continuous aggregates and compression need the
-- Community edition.

CREATE EXTENSION IF NOT EXISTS timescaledb;
SET search_path = tickrisk, public;

CREATE TABLE history_live (
    scope TEXT COLLATE "C" NOT NULL, seconds BIGINT NOT NULL, account TEXT COLLATE "C", total_pnl DOUBLE PRECISION,
    day_pnl DOUBLE PRECISION, value_at_risk DOUBLE PRECISION, expected_shortfall DOUBLE PRECISION,
    gross_exposure DOUBLE PRECISION, net_exposure DOUBLE PRECISION, PRIMARY KEY (scope, seconds));
ALTER TABLE history_live OWNER TO tickrisk_owner;

-- A chunk a day. Integers need to be told what time it is.
SELECT create_hypertable('history_live', by_range('seconds', 86400));
CREATE FUNCTION history_now() RETURNS BIGINT LANGUAGE SQL STABLE AS $$ SELECT extract(epoch FROM now())::bigint $$;
SELECT set_integer_now_func('history_live', 'history_now');

-- What fails here must not fail the desk's transaction: it is told in the server's log.
CREATE FUNCTION history_to_live() RETURNS TRIGGER LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = tickrisk, public, pg_temp AS $$
BEGIN
    INSERT INTO history_live VALUES (
        NEW.scope, NEW.seconds, NEW.account, NEW.total_pnl, NEW.day_pnl, NEW.value_at_risk, NEW.expected_shortfall,
        NEW.gross_exposure, NEW.net_exposure)
    ON CONFLICT (scope, seconds) DO UPDATE SET
        total_pnl = excluded.total_pnl, day_pnl = excluded.day_pnl, value_at_risk = excluded.value_at_risk,
        expected_shortfall = excluded.expected_shortfall, gross_exposure = excluded.gross_exposure,
        net_exposure = excluded.net_exposure;
    RETURN NULL;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'history_live: %', SQLERRM;
    RETURN NULL;
END $$;
CREATE TRIGGER to_live AFTER INSERT OR UPDATE ON history_second FOR EACH ROW EXECUTE FUNCTION history_to_live();

-- One second → one minute → one day, each from the one before.
CREATE MATERIALIZED VIEW history_live_minute WITH (timescaledb.continuous) AS
SELECT scope, time_bucket(BIGINT '60', seconds) AS bucket, last(total_pnl, seconds) AS total_pnl,
    min(total_pnl) AS total_pnl_min, max(total_pnl) AS total_pnl_max, last(day_pnl, seconds) AS day_pnl,
    last(value_at_risk, seconds) AS value_at_risk, last(expected_shortfall, seconds) AS expected_shortfall,
    last(gross_exposure, seconds) AS gross_exposure, last(net_exposure, seconds) AS net_exposure
FROM history_live GROUP BY scope, time_bucket(BIGINT '60', seconds) WITH NO DATA;

CREATE MATERIALIZED VIEW history_live_day WITH (timescaledb.continuous) AS
SELECT scope, time_bucket(BIGINT '86400', bucket) AS day, last(total_pnl, bucket) AS total_pnl,
    min(total_pnl_min) AS total_pnl_min, max(total_pnl_max) AS total_pnl_max, last(day_pnl, bucket) AS day_pnl,
    last(value_at_risk, bucket) AS value_at_risk, last(expected_shortfall, bucket) AS expected_shortfall,
    last(gross_exposure, bucket) AS gross_exposure, last(net_exposure, bucket) AS net_exposure
FROM history_live_minute GROUP BY scope, time_bucket(BIGINT '86400', bucket) WITH NO DATA;

-- Refreshed well before retention takes the seconds away.
SELECT add_continuous_aggregate_policy('history_live_minute', start_offset => BIGINT '10800',
    end_offset => BIGINT '60', schedule_interval => INTERVAL '1 minute');
SELECT add_continuous_aggregate_policy('history_live_day', start_offset => BIGINT '345600',
    end_offset => BIGINT '3600', schedule_interval => INTERVAL '1 hour');

ALTER TABLE history_live SET (
    timescaledb.compress, timescaledb.compress_segmentby = 'scope', timescaledb.compress_orderby = 'seconds DESC');
SELECT add_compression_policy('history_live', BIGINT '86400');
SELECT add_retention_policy('history_live', drop_after => BIGINT '604800');
SELECT add_retention_policy('history_live_minute', drop_after => BIGINT '7776000');

GRANT SELECT ON history_live, history_live_minute, history_live_day TO tickrisk_reader;
