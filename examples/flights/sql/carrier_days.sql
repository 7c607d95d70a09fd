-- How each airline did on each day, beside the weather at departure.

-- name: carrier_days
-- table: carrier_days
CREATE OR REPLACE TABLE carrier_days
COMMENT 'Punctuality of each airline by day, with the weather at departure'
AS
SELECT
  make_date(f.year, f.month, f.day) AS day,
  f.carrier,
  a.name AS airline,
  count(*) AS flights,
  count_if(f.dep_time IS NULL) AS cancelled,
  round(avg(f.dep_delay), 1) AS mean_dep_delay,
  round(try_divide(count_if(f.arr_delay > 15), count(f.arr_delay)), 4) AS late_share,
  round(avg(w.wind_speed), 1) AS mean_wind_speed,
  round(sum(w.precip), 2) AS precip,
  round(min(w.visib), 2) AS worst_visib
FROM flights AS f
JOIN airlines AS a ON a.carrier = f.carrier
LEFT JOIN weather AS w ON w.origin = f.origin AND w.time_hour = f.time_hour
GROUP BY f.year, f.month, f.day, f.carrier, a.name;
