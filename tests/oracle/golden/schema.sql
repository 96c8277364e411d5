-- What schema sends. Made by `make oracle-sql`.

-- schema/partitions.py: months_held
SELECT min(charge.day) AS min_1
FROM charge;

-- schema/partitions.py: months_held
SELECT min(charge.day) AS min_1
FROM charge
WHERE charge.day >= :day_1;

-- schema/partitions.py: months_held
SELECT min(usage_event.day) AS min_1
FROM usage_event;

-- schema/partitions.py: months_held
SELECT min(usage_event.day) AS min_1
FROM usage_event
WHERE usage_event.day >= :day_1;

-- schema/partitions.py: months_held
SELECT min(usage_filtered.day) AS min_1
FROM usage_filtered;
