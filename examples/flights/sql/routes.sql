-- Each route's figures, kept up to date by MERGE as months arrive.

-- name: routes_table
-- table: routes
CREATE TABLE IF NOT EXISTS routes (
  origin STRING NOT NULL COMMENT 'Airport of departure',
  dest STRING NOT NULL COMMENT 'Airport of destination',
  destination STRING COMMENT 'Its name, where the registry has it',
  flights BIGINT COMMENT 'Scheduled flights',
  airlines BIGINT COMMENT 'Airlines that fly it',
  distance INT COMMENT 'Miles',
  mean_arr_delay DOUBLE COMMENT 'Minutes',
  last_flight TIMESTAMP COMMENT 'Hour of the last scheduled departure'
)
COMMENT 'Figures of each route';

-- name: routes_merge
-- table: routes
MERGE INTO routes AS r
USING (
  SELECT
    f.origin,
    f.dest,
    a.name AS destination,
    count(*) AS flights,
    count(DISTINCT f.carrier) AS airlines,
    max(f.distance) AS distance,
    round(avg(f.arr_delay), 2) AS mean_arr_delay,
    max(f.time_hour) AS last_flight
  FROM flights AS f
  LEFT JOIN airports AS a ON a.faa = f.dest
  GROUP BY f.origin, f.dest, a.name
) AS n
ON r.origin = n.origin AND r.dest = n.dest
WHEN MATCHED THEN UPDATE SET *
WHEN NOT MATCHED THEN INSERT *;
