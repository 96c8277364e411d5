-- What catalog sends. Made by `make oracle-sql`.

-- billing_center/catalog/factors.py: factors
SELECT factor_value.name, factor_value.valid_from, factor_value.value
FROM factor_value
WHERE factor_value.name IN (:name_1, ...);

-- billing_center/catalog/factors.py: set_factor
INSERT INTO factor_value (name, valid_from, value, recorded_at, actor, why)
VALUES (:name, :valid_from, :value, :recorded_at, :actor, :why);

-- billing_center/catalog/snapshot.py: current
SELECT system_fact.fact
FROM system_fact
WHERE system_fact.name = :name_1;

-- billing_center/catalog/store.py: keep_load
INSERT INTO catalog_load (load_id, at, actor, file_name, file_hash, changes)
VALUES (:load_id, :at, :actor, :file_name, :file_hash, :changes);

-- billing_center/catalog/store.py: kept_calendars
SELECT calendar_day.calendar_id, calendar_day.day
FROM calendar_day;

-- billing_center/catalog/store.py: kept_products
SELECT product.product_id, product.document
FROM product;

-- billing_center/catalog/store.py: kept_promotions
SELECT promotion.promotion_id, promotion.document
FROM promotion;

-- billing_center/catalog/store.py: kept_rates
SELECT exchange_rate.currency, exchange_rate.valid_from, exchange_rate.rate, exchange_rate.loaded_at
FROM exchange_rate
ORDER BY exchange_rate.currency, exchange_rate.valid_from;

-- billing_center/catalog/store.py: kept_versions
SELECT price_version.version_id, price_version.product_id, price_version.plan, price_version.valid_from,
    price_version.valid_to, price_version.document, price_version.loaded_at
FROM price_version;

-- billing_center/catalog/store.py: kept_versions
SELECT price_version.version_id, price_version.product_id, price_version.plan, price_version.valid_from,
    price_version.valid_to, price_version.document, price_version.loaded_at
FROM price_version
WHERE price_version.product_id IN (:product_id_1, ...);

-- billing_center/catalog/store.py: kept_versions_named
SELECT price_version.version_id, price_version.product_id, price_version.plan, price_version.valid_from,
    price_version.valid_to, price_version.document, price_version.loaded_at
FROM price_version
WHERE price_version.version_id IN (:version_id_1, ...);

-- billing_center/catalog/store.py: lock_catalog
MERGE INTO system_fact t USING dual ON (t.name = :g_name)
WHEN NOT MATCHED THEN INSERT (name, fact)
VALUES (:g_name, :g_fact);

-- billing_center/catalog/store.py: lock_catalog
SELECT system_fact.name, system_fact.fact
FROM system_fact
WHERE system_fact.name IN (:name_1, ...)
ORDER BY system_fact.name FOR UPDATE;

-- billing_center/catalog/store.py: newest_versions
SELECT price_replacement.version_id, price_replacement.replaced_by
FROM price_replacement;

-- billing_center/catalog/store.py: put_calendars
DELETE
FROM calendar_day
WHERE calendar_day.calendar_id = :calendar_id_1 AND calendar_day.day > :day_1;

-- billing_center/catalog/store.py: put_calendars
MERGE INTO calendar_day t USING dual ON (t.calendar_id = :g_calendar_id AND t.day = :g_day)
WHEN NOT MATCHED THEN INSERT (calendar_id, day, loaded_at)
VALUES (:g_calendar_id, :g_day, :g_loaded_at);

-- billing_center/catalog/store.py: put_products
MERGE INTO product t USING dual ON (t.product_id = :g_product_id)
WHEN MATCHED THEN UPDATE SET t.name = :g_name, t.on_sale = :g_on_sale, t.currency = :g_currency, t.document =
    :g_document, t.loaded_at = :g_loaded_at
WHEN NOT MATCHED THEN INSERT (product_id, name, on_sale, currency, document, loaded_at)
VALUES (:g_product_id, :g_name, :g_on_sale, :g_currency, :g_document, :g_loaded_at);

-- billing_center/catalog/store.py: put_promotions
MERGE INTO promotion t USING dual ON (t.promotion_id = :g_promotion_id)
WHEN MATCHED THEN UPDATE SET t.document = :g_document, t.loaded_at = :g_loaded_at
WHEN NOT MATCHED THEN INSERT (promotion_id, document, loaded_at)
VALUES (:g_promotion_id, :g_document, :g_loaded_at);

-- billing_center/catalog/store.py: put_rates
MERGE INTO exchange_rate t USING dual ON (t.currency = :g_currency AND t.valid_from = :g_valid_from)
WHEN MATCHED THEN UPDATE SET t.rate = :g_rate, t.loaded_at = :g_loaded_at
WHEN NOT MATCHED THEN INSERT (currency, valid_from, rate, loaded_at)
VALUES (:g_currency, :g_valid_from, :g_rate, :g_loaded_at);

-- billing_center/catalog/store.py: put_versions
MERGE INTO price_version t USING dual ON (t.version_id = :g_version_id)
WHEN MATCHED THEN UPDATE SET t.valid_from = :g_valid_from, t.valid_to = :g_valid_to, t.document = :g_document,
    t.loaded_at = :g_loaded_at
WHEN NOT MATCHED THEN INSERT (version_id, product_id, plan, valid_from, valid_to, document, loaded_at)
VALUES (:g_version_id, :g_product_id, :g_plan, :g_valid_from, :g_valid_to, :g_document, :g_loaded_at);

-- billing_center/catalog/store.py: set_version
MERGE INTO system_fact t USING dual ON (t.name = :g_name)
WHEN MATCHED THEN UPDATE SET t.fact = :g_fact
WHEN NOT MATCHED THEN INSERT (name, fact)
VALUES (:g_name, :g_fact);
