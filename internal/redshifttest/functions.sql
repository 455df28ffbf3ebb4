-- Functions of Redshift's, as its documents describe them. A unit counts the boundaries between two moments.

-- Found whatever the search path is.
SET search_path TO pg_catalog;

CREATE FUNCTION dateadd(unit text, n integer, moment timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT moment + n * CASE unit
    WHEN 'quarter' THEN interval '3 months'
    WHEN 'hours' THEN interval '1 hour'
    ELSE CAST('1 ' || unit AS interval)
  END
$$;

CREATE FUNCTION datediff(unit text, earlier timestamp, later timestamp) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE unit
    WHEN 'microsecond' THEN CAST(round(extract(epoch FROM later - earlier) * 1000000) AS bigint)
    WHEN 'millisecond' THEN
      CAST(floor(extract(epoch FROM later) * 1000) - floor(extract(epoch FROM earlier) * 1000) AS bigint)
    WHEN 'week' THEN CAST(floor((CAST(later AS date) - date '1970-01-04') / 7.0)
      - floor((CAST(earlier AS date) - date '1970-01-04') / 7.0) AS bigint) -- from Sunday on
    WHEN 'month' THEN CAST(12 * (extract(year FROM later) - extract(year FROM earlier))
      + extract(month FROM later) - extract(month FROM earlier) AS bigint)
    WHEN 'quarter' THEN CAST(4 * (extract(year FROM later) - extract(year FROM earlier))
      + extract(quarter FROM later) - extract(quarter FROM earlier) AS bigint)
    WHEN 'year' THEN CAST(extract(year FROM later) - extract(year FROM earlier) AS bigint)
    ELSE CAST((extract(epoch FROM date_trunc(unit, later)) - extract(epoch FROM date_trunc(unit, earlier)))
      / extract(epoch FROM CAST('1 ' || unit AS interval)) AS bigint)
  END
$$;

CREATE FUNCTION convert_timezone(source text, target text, moment timestamp) RETURNS timestamp LANGUAGE sql IMMUTABLE AS $$
  SELECT moment AT TIME ZONE source AT TIME ZONE target
$$;

CREATE FUNCTION strtol(digits text, base integer) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $$
  SELECT CAST(CAST('x' || lpad(digits, 16, '0') AS bit(64)) AS bigint) WHERE base = 16
$$;

-- Another after each statement that is no part of a transaction.
CREATE FUNCTION last_user_query_id() RETURNS bigint LANGUAGE sql VOLATILE AS $$ SELECT txid_current() $$;
